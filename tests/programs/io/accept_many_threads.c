// covers: accept connect
// 8 threads accept on one listener; 40 connections each reach exactly one of them.
#include "../help.h"

static int listener, port, accepted;

static void* accepts(void* arg) {
  for (;;) {
    struct sockaddr_in peer;
    socklen_t len = sizeof peer;
    int fd = accept(listener, (struct sockaddr*)&peer, &len);
    CHECK(fd >= 0);
    CHECK_EQ(len, sizeof peer);
    CHECK_EQ(ntohl(peer.sin_addr.s_addr), INADDR_LOOPBACK);
    int number = -1;
    CHECK_EQ(read_all(fd, &number, sizeof number), sizeof number);
    if (number >= 0) __atomic_add_fetch(&accepted, 1, __ATOMIC_SEQ_CST);
    number++;
    write_all(fd, &number, sizeof number);
    close(fd);
    if (number == 0) return arg;
  }
}

static void* connects(void* arg) {
  int number = (int)(intptr_t)arg, got = -5;
  int fd = tcp_connect(port);
  write_all(fd, &number, sizeof number);
  CHECK_EQ(read_all(fd, &got, sizeof got), sizeof got);
  CHECK_EQ(got, number + 1);
  close(fd);
  return NULL;
}

int main(void) {
  pthread_t a[8], c[40];
  listener = tcp_listen(&port, 128);
  for (int i = 0; i < 8; i++) a[i] = THREAD(accepts, NULL);
  for (intptr_t i = 0; i < 40; i++) c[i] = THREAD(connects, (void*)i);
  for (int i = 0; i < 40; i++) JOIN(c[i]);
  CHECK_EQ(accepted, 40);
  for (int i = 0; i < 8; i++) connects((void*)-1L);
  for (int i = 0; i < 8; i++) JOIN(a[i]);
  return 0;
}
