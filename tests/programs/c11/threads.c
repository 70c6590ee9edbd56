// covers: thrd_create thrd_join thrd_detach thrd_current thrd_equal thrd_exit thrd_sleep thrd_yield
// C11 threads give their int results, know themselves, sleep, and end by thrd_exit.
#include "../help.h"

#include <threads.h>

static int detached;

static int body(void* arg) {
  struct timespec ts = {0, 2000000};
  long long start = now_ms();
  CHECK_EQ(thrd_sleep(&ts, NULL), 0);
  CHECK_ELAPSED(start, 2, 30000);
  CHECK(thrd_equal(thrd_current(), thrd_current()));
  thrd_yield();
  int i = *(int*)arg;
  if (i % 2) thrd_exit(-i);
  return i;
}

static int counts(void* arg) {
  __atomic_add_fetch((int*)arg, 1, __ATOMIC_SEQ_CST);
  return 0;
}

int main(void) {
  thrd_t t[20], d;
  int numbers[20], result;
  for (int i = 0; i < 20; i++) {
    numbers[i] = i;
    CHECK_EQ(thrd_create(&t[i], body, &numbers[i]), thrd_success);
  }
  for (int i = 0; i < 20; i++) {
    CHECK_EQ(thrd_join(t[i], &result), thrd_success);
    CHECK_EQ(result, i % 2 ? -i : i);
  }
  for (int i = 0; i < 10; i++) {
    CHECK_EQ(thrd_create(&d, counts, &detached), thrd_success);
    CHECK_EQ(thrd_detach(d), thrd_success);
  }
  while (__atomic_load_n(&detached, __ATOMIC_SEQ_CST) < 10) sleep_ms(1);
  return 0;
}
