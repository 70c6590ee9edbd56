// The concurrent prime sieve: a goroutine that counts, and one for each prime that lets pass what it does not divide.
//
// usage: prime_sieve [N]      the first N primes, 10 if not given
#include <goshim/goshim.h>
#include <stdio.h>
#include <stdlib.h>

static void generate(void* c) {
  for (int i = 2;; i++) goshim_send(c, &i);
}

struct filter {
  goshim_chan *in, *out;
  int prime;
};

static void filter(void* arg) {
  const struct filter f = *(struct filter*)arg;
  free(arg);
  int i;
  goshim_range(f.in, &i) {
    if (i % f.prime != 0) goshim_send(f.out, &i);
  }
}

int main(int argc, char** argv) {
  const int n = argc > 1 ? atoi(argv[1]) : 10;
  goshim_chan* c = goshim_chan_make(sizeof(int), 0);
  goshim_go(generate, c);
  for (int k = 0; k < n; k++) {
    struct filter* f = malloc(sizeof *f);
    if (f == NULL) return 1;
    f->in = c;
    goshim_recv(c, &f->prime);
    printf("%d\n", f->prime);
    c = f->out = goshim_chan_make(sizeof(int), 0);
    goshim_go(filter, f);
  }
  return 0;
}
