// covers: tss_create tss_get tss_set tss_delete call_once
// Thread-specific storage has its destructors, call_once runs once, _Thread_local starts anew.
#include "../help.h"

#include <threads.h>

static tss_t key;
static once_flag flag = ONCE_FLAG_INIT;
static int once_calls, destroyed;
static _Thread_local int local = 5;

static void init(void) {
  struct timespec ts = {0, 5000000};
  thrd_sleep(&ts, NULL);
  once_calls++;
}
static void destroy(void* v) { __atomic_add_fetch(&destroyed, *(int*)v, __ATOMIC_SEQ_CST); }

static int body(void* arg) {
  CHECK(tss_get(key) == NULL);
  CHECK_EQ(local, 5);
  local = 6;
  call_once(&flag, init);
  CHECK_EQ(once_calls, 1);
  CHECK_EQ(tss_set(key, arg), thrd_success);
  thrd_yield();
  CHECK(tss_get(key) == arg);
  CHECK_EQ(local, 6);
  return 0;
}

int main(void) {
  thrd_t t[20];
  int ones[20];
  CHECK_EQ(tss_create(&key, destroy), thrd_success);
  for (int i = 0; i < 20; i++) {
    ones[i] = 1;
    CHECK_EQ(thrd_create(&t[i], body, &ones[i]), thrd_success);
  }
  for (int i = 0; i < 20; i++) CHECK_EQ(thrd_join(t[i], NULL), thrd_success);
  CHECK_EQ(destroyed, 20);
  CHECK_EQ(local, 5);
  tss_delete(key);
  return 0;
}
