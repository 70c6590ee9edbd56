// covers: backtrace
// backtrace() in a thread ends by itself, contains the thread function's caller, and works at any
// depth.
#include "../help.h"

#include <execinfo.h>

static __attribute__((noinline)) int depth(int n) {
  void* frames[200];
  int count = n > 0 ? depth(n - 1) : backtrace(frames, 200);
  __asm__ volatile("" ::: "memory");
  return count;
}

static void* body(void* arg) {
  int flat = depth(0);
  CHECK(flat >= 2 && flat < 30);
  sleep_ms(1);
  int deep = depth(20);
  CHECK(deep >= flat + 18 && deep < flat + 30);
  return arg;
}

int main(void) {
  pthread_t t[10];
  depth(1);
  for (int i = 0; i < 10; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 10; i++) JOIN(t[i]);
  CHECK(depth(0) < 30);
  return 0;
}
