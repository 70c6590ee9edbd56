// covers: pthread_cancel pthread_join read recv nanosleep sem_wait pthread_cond_wait
// covers: poll pthread_join
// A thread blocked at a cancellation point ends when cancelled, with PTHREAD_CANCELED, and its
// mutex is held again.
#include "../help.h"

#include <poll.h>
#include <semaphore.h>

static int p[2], sv[2], cleaned;
static sem_t sem, ready;
static pthread_mutex_t m = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;

static void unlock(void* arg) {
  CHECK_OK(pthread_mutex_unlock((pthread_mutex_t*)arg));
  cleaned++;
}
static void count(void* arg) { ++*(int*)arg; }
static void* long_sleep(void* arg) {
  sleep(1000);
  return arg;
}

static void* body(void* arg) {
  char x;
  struct pollfd f = {p[0], POLLIN, 0};
  pthread_cleanup_push(count, &cleaned);
  sem_post(&ready);
  switch ((intptr_t)arg) {
    case 0:
      (void)!read(p[0], &x, 1);
      break;
    case 1:
      (void)!recv(sv[0], &x, 1, 0);
      break;
    case 2:
      sleep(1000);
      break;
    case 3:
      sem_wait(&sem);
      break;
    case 4:
      poll(&f, 1, -1);
      break;
    case 5:
      pthread_mutex_lock(&m);
      pthread_cleanup_push(unlock, &m);
      for (;;) pthread_cond_wait(&c, &m);
      pthread_cleanup_pop(0);
      break;
    case 6: {
      pthread_t t = THREAD(long_sleep, NULL);
      pthread_join(t, NULL);
    }
  }
  pthread_cleanup_pop(0);
  return NULL;
}

int main(void) {
  CHECK_OK(pipe(p));
  CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
  sem_init(&sem, 0, 0);
  sem_init(&ready, 0, 0);
  for (intptr_t i = 0; i < 7; i++)
    for (int wait = 0; wait < 2; wait++) {
      cleaned = 0;
      pthread_t t = THREAD(body, (void*)i);
      sem_wait(&ready);
      if (wait) sleep_ms(5);
      CHECK_OK(pthread_cancel(t));
      CHECK(JOIN(t) == PTHREAD_CANCELED);
      CHECK_EQ(cleaned, i == 5 ? 2 : 1);
    }
  CHECK_OK(pthread_mutex_trylock(&m));
  return 0;
}
