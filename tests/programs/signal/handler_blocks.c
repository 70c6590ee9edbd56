// covers: sigaction pthread_kill nanosleep pthread_mutex_lock sem_wait
// Handlers that sleep and wait, in threads that compute, sleep or wait themselves; then each goes on where it was.
#include "../help.h"

#include <semaphore.h>
#include <signal.h>

enum { kThreads = 6, kRounds = 8 };
static __thread volatile int inside;
static int hits, stop, p[2];
static sem_t turn;

static void handler(int sig) {
  int saved = errno;
  (void)sig;
  CHECK_EQ(inside, 0);
  inside = 1;
  sleep_ms(1);
  while (sem_wait(&turn) != 0) CHECK_EQ(errno, EINTR);
  sched_yield();
  sem_post(&turn);
  inside = 0;
  errno = saved;
  __atomic_add_fetch(&hits, 1, __ATOMIC_SEQ_CST);
}

static void* body(void* arg) {
  intptr_t kind = (intptr_t)arg % 3;
  char c;
  unsigned long sum = 0, rounds = 0;
  while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) {
    errno = 42;
    if (kind == 0) {
      for (unsigned i = 0; i < 20000; i++) sum += i ^ (sum >> 3);
      free(malloc(100 + sum % 1000));
      CHECK_EQ(errno, 42);
    } else if (kind == 1) {
      sleep_ms(1);
    } else {
      CHECK_EQ(read(p[0], &c, 1), 1); /* SA_RESTART */
      if (c == 'e') break;
    }
    rounds++;
  }
  return (void*)rounds;
}

int main(void) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = handler;
  sa.sa_flags = SA_RESTART;
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
  CHECK_OK(pipe(p));
  sem_init(&turn, 0, 2);
  pthread_t t[kThreads];
  for (intptr_t i = 0; i < kThreads; i++) t[i] = THREAD(body, (void*)i);
  for (int k = 1; k <= kRounds; k++) {
    for (int i = 0; i < kThreads; i++) CHECK_OK(pthread_kill(t[i], SIGUSR1));
    while (__atomic_load_n(&hits, __ATOMIC_SEQ_CST) < k * kThreads) sleep_ms(1);
    write_all(p[1], "x", 1);
  }
  __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
  write_all(p[1], "eeeeee", 6);
  for (int i = 0; i < kThreads; i++) JOIN(t[i]);
  CHECK_EQ(hits, kRounds * kThreads);
  return 0;
}
