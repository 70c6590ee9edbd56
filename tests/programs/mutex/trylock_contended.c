// covers: pthread_mutex_trylock sched_yield
// 16 threads that only try and yield all get their turns, one at a time.
#include "../help.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int count;

static void* body(void* arg) {
  for (int got = 0; got < 50;) {
    int error = pthread_mutex_trylock(&m);
    if (error == 0) {
      int seen = count;
      if (got % 10 == 0) sched_yield();
      count = seen + 1;
      got++;
      CHECK_OK(pthread_mutex_unlock(&m));
    } else {
      CHECK_EQ(error, EBUSY);
      sched_yield();
    }
  }
  return arg;
}

int main(void) {
  pthread_t t[16];
  for (int i = 0; i < 16; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 16; i++) JOIN(t[i]);
  CHECK_EQ(count, 800);
  return 0;
}
