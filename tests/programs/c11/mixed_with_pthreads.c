// covers: thrd_current pthread_self mtx_lock pthread_key_create
// C11 and POSIX threads are the same threads: ids, keys and joining mix.
#include "../help.h"

#include <threads.h>

static mtx_t m;
static pthread_key_t key;
static int count, destroyed;

static void destroy(void* v) {
  CHECK(v == &key);
  __atomic_add_fetch(&destroyed, 1, __ATOMIC_SEQ_CST);
}

static void work(void) {
  CHECK(pthread_equal(pthread_self(), thrd_current()));
  CHECK_OK(pthread_setspecific(key, &key));
  for (int i = 0; i < 100; i++) {
    mtx_lock(&m);
    int seen = count;
    if (i % 30 == 0) sched_yield();
    count = seen + 1;
    mtx_unlock(&m);
  }
}
static int c11(void* arg) {
  (void)arg;
  work();
  return 1;
}
static void* posix(void* arg) {
  work();
  return arg;
}

int main(void) {
  thrd_t c[5];
  pthread_t p[5];
  mtx_init(&m, mtx_timed);
  CHECK_OK(pthread_key_create(&key, destroy));
  for (int i = 0; i < 5; i++) {
    CHECK_EQ(thrd_create(&c[i], c11, NULL), thrd_success);
    p[i] = THREAD(posix, &c[i]);
  }
  for (int i = 0; i < 5; i++) {
    int result = 0;
    CHECK_EQ(thrd_join(c[i], &result), thrd_success);
    CHECK_EQ(result, 1);
    CHECK(JOIN(p[i]) == &c[i]);
  }
  CHECK_EQ(count, 1000);
  CHECK_EQ(destroyed, 10);
  return 0;
}
