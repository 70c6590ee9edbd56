// covers: sigaction pthread_kill kill pthread_sigmask read write malloc
// Threads that do everything are sent signals all the time; nothing is lost, doubled or deadlocked.
// timeout: 40
#include "../help.h"

#include <semaphore.h>
#include <signal.h>

enum { kThreads = 4, kWork = 300, kSent = 64 };
static int handled, finished, sent;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int shared_count, pipes[kThreads][2];
static volatile sig_atomic_t process_hits;

static void handler(int sig) {
  if (sig == SIGUSR2) process_hits = process_hits + 1;
  __atomic_add_fetch(&handled, 1, __ATOMIC_SEQ_CST);
}

static void* works(void* arg) {
  intptr_t id = (intptr_t)arg;
  char buffer[64], got;
  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  for (int i = 0; i < kWork; i++) {
    pthread_mutex_lock(&m);
    shared_count++;
    if (i % 16 == 0) pthread_cond_broadcast(&c);
    pthread_mutex_unlock(&m);
    write_all(pipes[(id + 1) % kThreads][1], "x", 1);
    CHECK_EQ(read_all(pipes[id][0], &got, 1), 1);
    void* p = malloc((size_t)(i * 37 % 5000) + 1);
    snprintf(buffer, sizeof buffer, "%d %p", i, p);
    free(p);
    if (i % 8 == 0) {
      CHECK_OK(pthread_sigmask(SIG_BLOCK, &set, &old));
      sched_yield();
      CHECK_OK(pthread_sigmask(SIG_SETMASK, &old, NULL));
    }
    if (i % 32 == 0) {
      struct timespec ts = {0, 100000};
      nanosleep(&ts, NULL);
    }
  }
  // Where others want the CPUs, all of this can be over before main has gone on.
  while (__atomic_load_n(&sent, __ATOMIC_SEQ_CST) < kSent) sleep_ms(1);
  __atomic_add_fetch(&finished, 1, __ATOMIC_SEQ_CST);
  sleep_ms(1);
  while (__atomic_load_n(&finished, __ATOMIC_SEQ_CST) < kThreads + 1) sleep_ms(1);
  return NULL;
}

int main(void) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = handler;
  sa.sa_flags = SA_RESTART;
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
  CHECK_OK(sigaction(SIGUSR2, &sa, NULL));
  pthread_t t[kThreads];
  for (int i = 0; i < kThreads; i++) CHECK_OK(pipe(pipes[i]));
  for (intptr_t i = 0; i < kThreads; i++) t[i] = THREAD(works, (void*)i);
  while (__atomic_load_n(&finished, __ATOMIC_SEQ_CST) < kThreads) {
    CHECK_OK(pthread_kill(t[sent % kThreads], SIGUSR1));
    const int n = __atomic_add_fetch(&sent, 1, __ATOMIC_SEQ_CST);
    if (n % 10 == 0) CHECK_OK(kill(getpid(), SIGUSR2));
    if (n % 64 == 0) sleep_ms(1);
  }
  __atomic_add_fetch(&finished, 1, __ATOMIC_SEQ_CST);
  for (int i = 0; i < kThreads; i++) JOIN(t[i]);
  CHECK_EQ(shared_count, kThreads * kWork);
  CHECK(process_hits > 0);
  CHECK(handled > process_hits);
  return 0;
}
