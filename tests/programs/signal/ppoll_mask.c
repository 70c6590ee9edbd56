// covers: ppoll pselect epoll_pwait pthread_kill kill
// A mask given to ppoll, pselect or epoll_pwait lets the signal in for the time of the call: EINTR, and blocked again.
#include "../help.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>

static __thread volatile int hits;
static int p[2], stage, to_process;

static void handler(int sig) {
  (void)sig;
  hits++;
}

static int blocked(void) {
  sigset_t now;
  CHECK_OK(pthread_sigmask(SIG_BLOCK, NULL, &now));
  return sigismember(&now, SIGUSR1);
}

static void* body(void* arg) {
  sigset_t open;
  struct pollfd f = {p[0], POLLIN, 0};
  fd_set in;
  struct epoll_event ev;
  sigemptyset(&open);
  int ep = epoll_create1(0);
  for (int i = 0; i < 9; i++) {
    int before = hits;
    __atomic_store_n(&stage, i + 1, __ATOMIC_SEQ_CST);
    switch (i % 3) {
      case 0:
        CHECK_ERRNO(ppoll(&f, 1, NULL, &open), EINTR);
        break;
      case 1:
        FD_ZERO(&in);
        FD_SET(p[0], &in);
        CHECK_ERRNO(pselect(p[0] + 1, &in, NULL, NULL, NULL, &open), EINTR);
        break;
      case 2:
        CHECK_ERRNO(epoll_pwait(ep, &ev, 1, -1, &open), EINTR);
        break;
    }
    CHECK_EQ(hits, before + 1);
    CHECK_EQ(blocked(), 1);
  }
  struct timespec none = {0, 0};
  CHECK_EQ(ppoll(&f, 1, &none, &open), 0);
  close(ep);
  __atomic_store_n(&stage, 100, __ATOMIC_SEQ_CST);
  return arg;
}

int main(void) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = handler;
  sa.sa_flags = SA_RESTART;
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
  CHECK_OK(pipe(p));
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  CHECK_OK(pthread_sigmask(SIG_BLOCK, &set, NULL));
  for (to_process = 0; to_process < 2; to_process++) {
    stage = 0;
    pthread_t t = THREAD(body, NULL);
    for (int i = 1; i <= 9; i++) {
      while (__atomic_load_n(&stage, __ATOMIC_SEQ_CST) < i) sleep_ms(1);
      if (i % 2) sleep_ms(2); /* else it may come before the call */
      CHECK_OK(to_process ? kill(getpid(), SIGUSR1) : pthread_kill(t, SIGUSR1));
    }
    JOIN(t);
  }
  CHECK_EQ(hits, 0);
  return 0;
}
