// covers: pthread_cond_timedwait pthread_cond_signal
// A timed wait that is signalled in time returns 0 before its deadline.
#include "../help.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int ready;

static void* body(void* arg) {
  struct timespec at = deadline_ms(CLOCK_REALTIME, 20000);
  pthread_mutex_lock(&m);
  while (!ready) CHECK_OK(pthread_cond_timedwait(&c, &m, &at));
  ready--;
  pthread_mutex_unlock(&m);
  CHECK(!past(CLOCK_REALTIME, at));
  return arg;
}

int main(void) {
  pthread_t t[20];
  for (int i = 0; i < 20; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 20; i++) {
    pthread_mutex_lock(&m);
    ready++;
    pthread_cond_signal(&c);
    pthread_mutex_unlock(&m);
    if (i % 5 == 0) sleep_ms(1);
  }
  for (int i = 0; i < 20; i++) JOIN(t[i]);
  CHECK_EQ(ready, 0);
  return 0;
}
