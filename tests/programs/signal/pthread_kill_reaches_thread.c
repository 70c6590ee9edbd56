// covers: pthread_kill sigaction pthread_self
// A signal sent to one thread runs the handler on that thread, whether it blocks or computes.
#include "../help.h"

#include <semaphore.h>
#include <signal.h>

static __thread volatile int hits;
static sem_t ready;
static int stop;

static void handler(int sig) {
  if (sig == SIGUSR1) hits++;
}

static void* body(void* arg) {
  sem_post(&ready);
  while (!hits) {
    if (arg) {
      sleep_ms(1);
    } else {
      for (volatile int i = 0; i < 1000; i++) {
      }
    }
  }
  while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) sleep_ms(1);
  return (void*)(intptr_t)hits;
}

int main(void) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = handler;
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
  sem_init(&ready, 0, 0);
  pthread_t t[8];
  for (intptr_t i = 0; i < 8; i++) t[i] = THREAD(body, (void*)(i % 2));
  for (int i = 0; i < 8; i++)
    while (sem_wait(&ready) != 0) CHECK_EQ(errno, EINTR);
  for (int i = 0; i < 8; i++) CHECK_OK(pthread_kill(t[i], SIGUSR1));
  CHECK_OK(pthread_kill(t[0], 0));
  CHECK_RET(pthread_kill(t[0], 12345), EINVAL);
  sleep_ms(5);
  __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
  for (int i = 0; i < 8; i++) CHECK_EQ((intptr_t)JOIN(t[i]), 1);
  CHECK_EQ(hits, 0);
  return 0;
}
