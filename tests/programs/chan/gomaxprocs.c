// link: -lgoshim
// GOMAXPROCS: set and asked for, before and after there are goroutines; all go on whatever it is.
#include "api.h"

static goshim_chan *work, *done;

static void worker(void* arg) {
  (void)arg;
  long v;
  goshim_range(work, &v) {
    if (v % 16 == 0) goshim_yield();
    goshim_send(done, &v);
  }
}

static void give(void* arg) {
  const long n = (long)(intptr_t)arg;
  for (long i = 1; i <= n; i++) goshim_send(work, &i);
}

int main(void) {
  const int start = goshim_gomaxprocs(0);
  CHECK(start >= 1 && start <= 1024);
  CHECK_EQ(goshim_gomaxprocs(-5), start);
  CHECK_EQ(goshim_gomaxprocs(3), start);
  CHECK_EQ(goshim_gomaxprocs(0), 3);
  CHECK_EQ(goshim_gomaxprocs(1 << 30), 3);
  CHECK_EQ(goshim_gomaxprocs(2), 1024);

  work = make(sizeof(long), 4);
  done = make(sizeof(long), 0);
  for (int i = 0; i < 8; i++) go(worker, NULL);
  static const int numbers[] = {1, 7, 2, 16, 1, 1, 4};
  int was = 2;
  for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
    CHECK_EQ(goshim_gomaxprocs(numbers[k]), was);
    was = numbers[k];
    const long n = 2000;
    go(give, (void*)(intptr_t)n);
    long sum = 0, v;
    for (long i = 0; i < n; i++) {
      CHECK_EQ(goshim_recv(done, &v), GOSHIM_OK);
      sum += v;
      if (i == n / 2) {
        CHECK_EQ(goshim_gomaxprocs(was + 1), was);
        was++;
      }
    }
    CHECK_EQ(sum, n * (n + 1) / 2);
  }
  goshim_close(work);
  return 0;
}
