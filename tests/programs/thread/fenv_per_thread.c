// covers: fesetround fegetround
// link: -lm
// The rounding mode belongs to the thread, stays across blocking, and is inherited at creation.
#include "../help.h"

#include <fenv.h>

static const int kModes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};

// Not inlined: the division must not move across fesetround.
__attribute__((noinline)) static double third(void) {
  volatile double one = 1.0, three = 3.0;
  return one / three;
}

static void* inherits(void* arg) {
  CHECK_EQ(fegetround(), (intptr_t)arg);
  return NULL;
}

static void* body(void* arg) {
  int mode = kModes[(intptr_t)arg % 4];
  CHECK_EQ(fegetround(), FE_TONEAREST);
  double nearest = third();
  CHECK_OK(fesetround(mode));
  double mine = third();
  for (int i = 0; i < 20; i++) {
    if (i % 5 == 0) {
      sleep_ms(1);
    } else {
      sched_yield();
    }
    CHECK_EQ(fegetround(), mode);
    CHECK(third() == mine);
  }
  if (mode == FE_UPWARD) CHECK(mine > nearest);
  JOIN(THREAD(inherits, (void*)(intptr_t)mode));
  return NULL;
}

int main(void) {
  pthread_t t[16];
  for (intptr_t i = 0; i < 16; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 16; i++) JOIN(t[i]);
  CHECK_EQ(fegetround(), FE_TONEAREST);
  return 0;
}
