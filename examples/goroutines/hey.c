// A goroutine, and main that gives it the time to speak.
#include <goshim/goshim.h>
#include <stdio.h>

static void my_fn(void* s) { puts(s); }

int main(void) {
  puts("hey hey, my main G");
  goshim_go(my_fn, "hey, wait up");
  goshim_sleep(10 * GOSHIM_MILLISECOND);  // give it a sec..
  return 0;
}
