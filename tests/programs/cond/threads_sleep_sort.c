// covers: pthread_cond_timedwait
// 100 waiters with different deadlines on one condition all time out, none before its own.
#include "../help.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int done;

static void* body(void* arg) {
  struct timespec at = deadline_ms(CLOCK_REALTIME, (long)(intptr_t)arg);
  int error;
  pthread_mutex_lock(&m);
  while ((error = pthread_cond_timedwait(&c, &m, &at)) == 0) {
  }
  CHECK_EQ(error, ETIMEDOUT);
  CHECK(past(CLOCK_REALTIME, at));
  done++;
  pthread_mutex_unlock(&m);
  return NULL;
}

int main(void) {
  pthread_t t[100];
  for (intptr_t i = 0; i < 100; i++) t[i] = THREAD(body, (void*)((i * 37) % 100));
  for (int i = 0; i < 100; i++) JOIN(t[i]);
  CHECK_EQ(done, 100);
  return 0;
}
