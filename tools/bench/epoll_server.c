// The rival: what an expert writes by hand instead of a thread for each connection.
//
// One edge-triggered epoll loop for each thread. The first loop also accepts and deals the
// connections out in turn, so the loops stay even at any number of connections (SO_REUSEPORT's hash
// and a shared accept do not). A request costs one recv, one send and a share of an epoll_wait:
// after a short recv there is nothing left to read, so none is tried.
//
//   epoll_server PORT [-b BODY_BYTES] [-t THREADS]
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>

#include "options.h"

enum { kEvents = 512, kMaxLoops = 64 };

struct Conn {
  int fd;
  bool closing;        // close when `unsent` is out
  size_t have;         // bytes in buf
  size_t unsent_size;  // while it is not 0 nothing is read
  const char* unsent;
  char buf[kHttpBuffer];
};

static int loops[kMaxLoops];  // epoll fds
static int loop_count;
static int listener;

static void conn_close(struct Conn* c) {
  close(c->fd);
  free(c);
}

// False: the connection is to be closed.
static bool conn_send(struct Conn* c) {
  while (c->unsent_size > 0) {
    ssize_t sent = send(c->fd, c->unsent, c->unsent_size, 0);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    c->unsent += sent;
    c->unsent_size -= (size_t)sent;
  }
  return !c->closing;
}

// Answers every complete request in the buffer, until the socket takes no more.
static bool conn_answer(struct Conn* c) {
  size_t used = 0;
  bool open = true;
  while (open && c->unsent_size == 0) {
    struct HttpOutput out = http_next(c->buf, c->have, &used);
    if (out.size == 0) break;
    c->unsent = out.bytes;
    c->unsent_size = out.size;
    c->closing = out.close;
    open = conn_send(c);
  }
  c->have -= used;
  if (c->have > 0 && used > 0) memmove(c->buf, c->buf + used, c->have);
  return open;
}

static void conn_event(struct Conn* c, uint32_t events) {
  if (c->unsent_size > 0) {
    if (!(events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) return;
    bool open = conn_send(c);
    if (open && c->unsent_size > 0) return;
    if (!open || !conn_answer(c)) {
      conn_close(c);
      return;
    }
    events |= EPOLLRDHUP;  // an edge for input may have come and gone meanwhile
  }
  while (c->unsent_size == 0) {
    size_t room = sizeof c->buf - c->have;
    ssize_t got = recv(c->fd, c->buf + c->have, room, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got < 0 && errno == EINTR) continue;
    if (got > 0) c->have += (size_t)got;
    if (got <= 0 || !conn_answer(c)) {
      conn_close(c);
      return;
    }
    // A short read emptied the socket: more will be a new edge. Only an end of file that came along
    // would not.
    if ((size_t)got < room && !(events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))) return;
  }
}

static void accept_all(void) {
  static int next;
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno != EAGAIN)
        usleep(10000);  // out of fds: the listener is level-triggered, so it is asked again
      return;
    }
    struct Conn* c = malloc(sizeof *c);
    if (!c) {
      close(fd);
      return;
    }
    c->fd = fd;
    c->closing = false;
    c->have = c->unsent_size = 0;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c};
    if (epoll_ctl(loops[next++ % loop_count], EPOLL_CTL_ADD, fd, &event) != 0) conn_close(c);
  }
}

static void* run(void* arg) {
  int epfd = loops[(intptr_t)arg];
  static _Thread_local struct epoll_event events[kEvents];
  for (;;) {
    int n = epoll_wait(epfd, events, kEvents, -1);
    for (int i = 0; i < n; i++) {
      if (!events[i].data.ptr) {
        accept_all();
      } else {
        conn_event(events[i].data.ptr, events[i].events);
      }
    }
  }
  return NULL;
}

int main(int argc, char** argv) {
  struct Options options = options_of(argc, argv);
  loop_count = options.threads < kMaxLoops ? options.threads : kMaxLoops;
  for (int i = 0; i < loop_count; i++) {
    pthread_t thread;
    loops[i] = epoll_create1(0);
    if (loops[i] < 0 || (i > 0 && pthread_create(&thread, NULL, run, (void*)(intptr_t)i) != 0)) {
      perror("loop");
      return 1;
    }
  }
  listener = server_listen(options.port, SOCK_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(loops[0], EPOLL_CTL_ADD, listener, &event);
  run((void*)0);
}
