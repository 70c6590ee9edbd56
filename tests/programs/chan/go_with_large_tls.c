// link: -lgoshim
// A program with much thread-local storage has room for it beside a goroutine's stack.
#include "api.h"

static __thread char large[400 << 10] = {1};

static void work(void* arg) {
  CHECK_EQ(large[0], 1);
  char stack[128 << 10];
  memset(stack, 2, sizeof stack);
  memset(large, 3, sizeof large);
  goshim_yield();
  for (size_t i = 0; i < sizeof stack; i++) CHECK_EQ(stack[i], 2);
  for (size_t i = 0; i < sizeof large; i++) CHECK_EQ(large[i], 3);
  goshim_send(arg, NULL);
}

int main(void) {
  goshim_chan* done = make(0, 0);
  for (int i = 0; i < 20; i++) go(work, done);
  for (int i = 0; i < 20; i++) goshim_recv(done, NULL);
  return 0;
}
