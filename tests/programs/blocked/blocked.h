// 32 threads blocked at once in one call; one more thread, main, goes on meanwhile and lets them go one by one.
#ifndef TESTS_PROGRAMS_BLOCKED_H
#define TESTS_PROGRAMS_BLOCKED_H

#include "../help.h"

enum { kBlocked = 32 };

static void (*blocked_call)(int i);
static int blocked_entered;
static int blocked_released[kBlocked];

static void* blocked_body(void* arg) {
  int i = (int)(intptr_t)arg;
  __atomic_add_fetch(&blocked_entered, 1, __ATOMIC_SEQ_CST);
  blocked_call(i);
  CHECK(__atomic_load_n(&blocked_released[i], __ATOMIC_SEQ_CST));
  return arg;
}

// block(i) must not come back before release(i) has been called.
static void run_blocked(void (*block)(int i), void (*release)(int i)) {
  pthread_t t[kBlocked];
  blocked_call = block;
  blocked_entered = 0;
  memset(blocked_released, 0, sizeof blocked_released);
  for (intptr_t i = 0; i < kBlocked; i++) t[i] = THREAD(blocked_body, (void*)i);
  while (__atomic_load_n(&blocked_entered, __ATOMIC_SEQ_CST) < kBlocked) sleep_ms(1);
  for (int k = 0; k < 10; k++) sleep_ms(1);
  for (int k = 0; k < kBlocked; k++) {
    int i = (k * 37 + 11) % kBlocked;
    __atomic_store_n(&blocked_released[i], 1, __ATOMIC_SEQ_CST);
    release(i);
  }
  for (intptr_t i = 0; i < kBlocked; i++) CHECK_EQ((intptr_t)JOIN(t[i]), i);
}

#endif
