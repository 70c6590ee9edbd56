// link: -lgoshim
// Pthreads and goroutines share channels; a pthread may be joined meanwhile.
#include "api.h"

static goshim_chan* c;

static void* produce(void* arg) {
  for (int i = 0; i < 200; i++) goshim_send(c, arg);
  return arg;
}

static void consume(void* arg) {
  int v;
  long sum = 0;
  goshim_range(c, &v) sum += v;
  goshim_send(arg, &sum);
}

int main(void) {
  c = make(sizeof(int), 0);
  goshim_chan* sums = make(sizeof(long), 0);
  int n[4] = {1, 2, 3, 4};
  pthread_t t[4];
  for (int i = 0; i < 4; i++) t[i] = THREAD(produce, &n[i]);
  for (int i = 0; i < 3; i++) go(consume, sums);
  for (int i = 0; i < 4; i++) CHECK(JOIN(t[i]) == &n[i]);
  goshim_close(c);
  long total = 0, sum;
  for (int i = 0; i < 3; i++) {
    goshim_recv(sums, &sum);
    total += sum;
  }
  CHECK_EQ(total, 200 * 10);
  return 0;
}
