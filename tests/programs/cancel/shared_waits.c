// covers: pthread_cancel pthread_cond_wait pthread_cond_timedwait pthread_cond_clockwait sem_wait sem_timedwait
// Cancellation ends a wait for a process-shared condition variable, with the mutex locked again for the cleanup handlers, and one
// for a process-shared semaphore; on its way in as well as asleep.
#include "../help.h"

#include <semaphore.h>

enum { kCond, kCondTimed, kCondClock, kSem, kSemTimed, kWaits };

static pthread_mutex_t m;
static pthread_cond_t c;
static sem_t s, ready;
static int type, cleaned;

static void unlock(void* arg) {
  (void)arg;
  if (type == PTHREAD_MUTEX_ERRORCHECK) CHECK(pthread_mutex_lock(&m) == EDEADLK);
  CHECK_OK(pthread_mutex_unlock(&m));
  cleaned++;
}
static void count(void* arg) {
  (void)arg;
  cleaned++;
}

static void* body(void* arg) {
  const int what = (int)(intptr_t)arg;
  struct timespec late;
  clock_gettime(what == kCondClock ? CLOCK_MONOTONIC : CLOCK_REALTIME, &late);
  late.tv_sec += 100;
  if (what >= kSem) {
    pthread_cleanup_push(count, NULL);
    sem_post(&ready);
    if (what == kSem) sem_wait(&s);
    if (what == kSemTimed) sem_timedwait(&s, &late);
    CHECK(!"not cancelled");
    pthread_cleanup_pop(0);
    return NULL;
  }
  CHECK_OK(pthread_mutex_lock(&m));
  pthread_cleanup_push(unlock, NULL);
  sem_post(&ready);
  for (;;) {
    if (what == kCond) CHECK_OK(pthread_cond_wait(&c, &m));
    if (what == kCondTimed) CHECK_OK(pthread_cond_timedwait(&c, &m, &late));
    if (what == kCondClock) CHECK_OK(pthread_cond_clockwait(&c, &m, CLOCK_MONOTONIC, &late));
  }
  pthread_cleanup_pop(0);
  return NULL;
}

// Cancellation that is disabled ends nothing.
static void* disabled(void* arg) {
  int old;
  CHECK_OK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old));
  sem_post(&ready);
  CHECK_OK(sem_wait(&s));
  return arg;
}

int main(void) {
  const int types[] = {PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_RECURSIVE};
  CHECK_OK(sem_init(&ready, 0, 0));
  CHECK_OK(sem_init(&s, 1, 0));
  for (int i = 0; i < 12 * kWaits; i++) {
    type = types[i / 4 % 3];
    pthread_mutexattr_t ma;
    pthread_condattr_t ca;
    pthread_mutexattr_init(&ma);
    pthread_mutexattr_settype(&ma, type);
    pthread_mutexattr_setpshared(&ma, PTHREAD_PROCESS_SHARED);
    pthread_condattr_init(&ca);
    pthread_condattr_setpshared(&ca, PTHREAD_PROCESS_SHARED);
    CHECK_OK(pthread_mutex_init(&m, &ma));
    CHECK_OK(pthread_cond_init(&c, &ca));

    const int what = i % kWaits;
    pthread_t t = THREAD(body, (void*)(intptr_t)what);
    sem_wait(&ready);
    if (i % 4 < 2) usleep(3000);
    if (what < kSem) {
      // Here it waits, or it is about to and does not hold it any more.
      CHECK_OK(pthread_mutex_lock(&m));
      CHECK_OK(pthread_cancel(t));
      usleep(i % 4 < 2 ? 1000 : 0);
      CHECK_EQ(cleaned, i);
      CHECK_OK(pthread_mutex_unlock(&m));
    } else {
      CHECK_OK(pthread_cancel(t));
    }
    CHECK(JOIN(t) == PTHREAD_CANCELED);
    CHECK_EQ(cleaned, i + 1);
    CHECK_OK(pthread_cond_destroy(&c));
    CHECK_OK(pthread_mutex_destroy(&m));
  }

  pthread_t t = THREAD(disabled, &s);
  sem_wait(&ready);
  usleep(3000);
  CHECK_OK(pthread_cancel(t));
  usleep(3000);
  sem_post(&s);
  CHECK(JOIN(t) == &s);
  return 0;
}
