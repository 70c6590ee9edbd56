// covers: pthread_key_create pthread_setspecific
// A destructor that sets its value again is called PTHREAD_DESTRUCTOR_ITERATIONS times, a plain one
// once.
#include "../help.h"

#include <limits.h>

static pthread_key_t again, once;
static int again_calls, once_calls;

static void d_again(void* v) {
  CHECK(v == &again);
  CHECK(pthread_getspecific(again) == NULL);
  again_calls++;
  CHECK_OK(pthread_setspecific(again, v));
}
static void d_once(void* v) {
  CHECK(v == &once);
  once_calls++;
}

static void* body(void* arg) {
  pthread_setspecific(again, &again);
  pthread_setspecific(once, &once);
  if (arg) pthread_exit(arg);
  return NULL;
}

static void* empty(void* arg) { return arg; }

int main(void) {
  CHECK_OK(pthread_key_create(&again, d_again));
  CHECK_OK(pthread_key_create(&once, d_once));
  JOIN(THREAD(empty, NULL));
  CHECK_EQ(again_calls + once_calls, 0);
  for (int i = 1; i <= 4; i++) {
    CHECK(JOIN(THREAD(body, i % 2 ? &again : NULL)) == (i % 2 ? &again : NULL));
    CHECK_EQ(again_calls, i * PTHREAD_DESTRUCTOR_ITERATIONS);
    CHECK_EQ(once_calls, i);
  }
  return 0;
}
