// What several test programs need beside check.h: clocks, whole reads and writes, loopback sockets.
#ifndef TESTS_PROGRAMS_HELP_H
#define TESTS_PROGRAMS_HELP_H

#include "../support/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/wait.h>

// The clock has reached the deadline: what a timeout must never violate.
__attribute__((unused)) static int past(clockid_t clock, struct timespec deadline) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec > deadline.tv_sec ||
         (now.tv_sec == deadline.tv_sec && now.tv_nsec >= deadline.tv_nsec);
}

__attribute__((unused)) static void write_all(int fd, const void* data, size_t size) {
  const char* p = (const char*)data;
  while (size > 0) {
    ssize_t n = write(fd, p, size);
    if (n < 0 && errno == EINTR) continue;
    CHECK(n > 0);
    p += n;
    size -= (size_t)n;
  }
}

// Reads until `size` bytes are there or the end; returns how many came.
__attribute__((unused)) static size_t read_all(int fd, void* data, size_t size) {
  char* p = (char*)data;
  size_t have = 0;
  while (have < size) {
    ssize_t n = read(fd, p + have, size - have);
    if (n < 0 && errno == EINTR) continue;
    CHECK(n >= 0);
    if (n == 0) break;
    have += (size_t)n;
  }
  return have;
}

__attribute__((unused)) static struct sockaddr_in loopback(int port) {
  struct sockaddr_in addr;
  memset(&addr, 0, sizeof addr);
  addr.sin_family = AF_INET;
  addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  addr.sin_port = htons((uint16_t)port);
  return addr;
}

// A TCP listener on a free loopback port.
__attribute__((unused)) static int tcp_listen(int* port, int backlog) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(fd >= 0);
  struct sockaddr_in addr = loopback(0);
  CHECK_OK(bind(fd, (struct sockaddr*)&addr, sizeof addr));
  CHECK_OK(listen(fd, backlog));
  socklen_t len = sizeof addr;
  CHECK_OK(getsockname(fd, (struct sockaddr*)&addr, &len));
  *port = ntohs(addr.sin_port);
  return fd;
}

__attribute__((unused)) static int tcp_connect(int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(fd >= 0);
  struct sockaddr_in addr = loopback(port);
  CHECK_OK(connect(fd, (struct sockaddr*)&addr, sizeof addr));
  return fd;
}

// Two ends of one TCP connection.
__attribute__((unused)) static void tcp_pair(int fd[2]) {
  int port;
  int listener = tcp_listen(&port, 1);
  fd[0] = tcp_connect(port);
  fd[1] = accept(listener, NULL, NULL);
  CHECK(fd[1] >= 0);
  close(listener);
}

// Two processes of two threads each: body(0) and body(2) in the child, body(1) and body(3) in the parent. Returns there
// when all have ended well.
__attribute__((unused)) static void run_in_two_processes(void* (*body)(void*)) {
  pid_t child = fork();
  CHECK(child >= 0);
  intptr_t base = child == 0 ? 0 : 1;
  pthread_t a = THREAD(body, (void*)base), b = THREAD(body, (void*)(base + 2));
  JOIN(a);
  JOIN(b);
  if (child == 0) _exit(0);
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
}

#endif
