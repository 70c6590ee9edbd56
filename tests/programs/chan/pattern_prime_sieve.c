// link: -lgoshim
// The prime sieve of the Go talks: a goroutine for each prime.
#include "api.h"

struct filter {
  goshim_chan *in, *out;
  int prime;
};

static void generate(void* arg) {
  for (int i = 2;; i++) goshim_send(arg, &i);
}

static void filter(void* arg) {
  struct filter* f = arg;
  int v;
  goshim_range(f->in, &v) {
    if (v % f->prime != 0) goshim_send(f->out, &v);
  }
}

int main(void) {
  static struct filter f[100];
  goshim_chan* c = make(sizeof(int), 0);
  go(generate, c);
  int prime = 0;
  for (int i = 0; i < 100; i++) {
    goshim_recv(c, &prime);
    f[i] = (struct filter){c, make(sizeof(int), 0), prime};
    c = f[i].out;
    go(filter, &f[i]);
  }
  CHECK_EQ(prime, 541);
  return 0;
}
