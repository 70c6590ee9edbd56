// A pipeline: numbers are dealt out to workers (fan-out), and their squares come together again (fan-in).
#include <goshim/goshim.h>
#include <stdio.h>

enum { kNumbers = 1000, kWorkers = 8 };

static goshim_chan *numbers, *squares;
static goshim_wait_group working;

static void generate(void* unused) {
  (void)unused;
  for (long i = 1; i <= kNumbers; i++) goshim_send(numbers, &i);
  goshim_close(numbers);
}

static void square(void* unused) {
  (void)unused;
  long i;
  goshim_range(numbers, &i) {
    i *= i;
    goshim_send(squares, &i);
  }
  goshim_wg_done(&working);
}

static void close_when_done(void* unused) {
  (void)unused;
  goshim_wg_wait(&working);
  goshim_close(squares);
}

int main(void) {
  numbers = goshim_chan_make(sizeof(long), 0);
  squares = goshim_chan_make(sizeof(long), 16);
  goshim_go(generate, NULL);
  goshim_wg_add(&working, kWorkers);
  for (int i = 0; i < kWorkers; i++) goshim_go(square, NULL);
  goshim_go(close_when_done, NULL);

  long sum = 0, count = 0, v;
  goshim_range(squares, &v) {
    sum += v;
    count++;
  }
  printf("%ld squares, sum %ld\n", count, sum);
  return 0;
}
