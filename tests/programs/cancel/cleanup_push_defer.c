// covers: __pthread_register_cancel_defer __pthread_unregister_cancel_restore
// pthread_cleanup_push_defer_np makes asynchronous cancellation wait until the handler is popped.
#include "../help.h"

static int step;
static pthread_barrier_t b;

static void cleanup(void* arg) {
  (void)arg;
  __atomic_store_n(&step, 100, __ATOMIC_SEQ_CST);
}

static void* body(void* arg) {
  int old;
  CHECK_OK(pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old));
  CHECK_EQ(old, PTHREAD_CANCEL_DEFERRED);
  pthread_cleanup_push_defer_np(cleanup, NULL);
  pthread_barrier_wait(&b);
  long long until = now_ms() + 20;
  while (now_ms() < until) __asm__ volatile("" ::: "memory");
  __atomic_store_n(&step, 1, __ATOMIC_SEQ_CST);
  CHECK_OK(pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &old));
  CHECK_EQ(old, PTHREAD_CANCEL_DEFERRED);
  pthread_cleanup_pop_restore_np(0);
  // Restored: due at once.
  for (;;) __asm__ volatile("" ::: "memory");
  return arg;
}

int main(void) {
  pthread_barrier_init(&b, NULL, 2);
  pthread_t t = THREAD(body, NULL);
  pthread_barrier_wait(&b);
  CHECK_OK(pthread_cancel(t));
  CHECK(JOIN(t) == PTHREAD_CANCELED);
  CHECK_EQ(__atomic_load_n(&step, __ATOMIC_SEQ_CST), 1);
  return 0;
}
