// covers: pthread_key_create pthread_setspecific pthread_join
// A destructor may block, lock and make threads; join returns only after it has ended.
#include "../help.h"

static pthread_key_t key;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int calls;

static void* helper(void* arg) {
  sleep_ms(1);
  return arg;
}

static void destroy(void* v) {
  sleep_ms(10);
  CHECK(JOIN(THREAD(helper, v)) == v);
  pthread_mutex_lock(&m);
  int seen = calls;
  sched_yield();
  calls = seen + 1;
  pthread_mutex_unlock(&m);
}

static void* body(void* arg) {
  pthread_setspecific(key, arg);
  return NULL;
}

int main(void) {
  pthread_t t[20];
  CHECK_OK(pthread_key_create(&key, destroy));
  for (intptr_t i = 0; i < 20; i++) t[i] = THREAD(body, (void*)(i + 1));
  for (int i = 0; i < 20; i++) JOIN(t[i]);
  CHECK_EQ(calls, 20);
  return 0;
}
