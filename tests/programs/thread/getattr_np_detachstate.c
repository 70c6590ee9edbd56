// covers: pthread_getattr_np pthread_attr_getdetachstate pthread_detach
// getattr_np tells whether a thread is detached now.
#include "../help.h"

static int state(pthread_t t) {
  pthread_attr_t attr;
  int v = -1;
  CHECK_OK(pthread_getattr_np(t, &attr));
  CHECK_OK(pthread_attr_getdetachstate(&attr, &v));
  pthread_attr_destroy(&attr);
  return v;
}

static void* body(void* arg) {
  CHECK_EQ(state(pthread_self()), PTHREAD_CREATE_JOINABLE);
  CHECK_OK(pthread_detach(pthread_self()));
  CHECK_EQ(state(pthread_self()), PTHREAD_CREATE_DETACHED);
  __atomic_store_n((int*)arg, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

int main(void) {
  int done = 0;
  CHECK_EQ(state(pthread_self()), PTHREAD_CREATE_JOINABLE);
  THREAD(body, &done);
  while (!__atomic_load_n(&done, __ATOMIC_SEQ_CST)) sleep_ms(1);
  return 0;
}
