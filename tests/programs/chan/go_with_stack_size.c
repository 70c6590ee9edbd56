// link: -lgoshim
// cflags: -fno-optimize-sibling-calls
// A goroutine gets the stack it asked for.
#include "api.h"

static void deep(char* above, size_t left) {
  char frame[4096];
  memset(frame, 1, sizeof frame);
  __asm__ volatile("" : : "r"(frame), "r"(above) : "memory");
  if (left > sizeof frame) deep(frame, left - sizeof frame - 128);
}

static void work(void* arg) {
  deep(NULL, 3 << 20);
  goshim_send(arg, NULL);
}

int main(void) {
  goshim_chan* done = make(0, 0);
  for (int i = 0; i < 4; i++) {
    CHECK_EQ(goshim_go_with(work, done, "deep", 4 << 20), 0);
    goshim_recv(done, NULL);
  }
  return 0;
}
