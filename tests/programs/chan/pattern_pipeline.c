// link: -lgoshim
// Stages joined by channels; each closes its output when its input ends.
#include "api.h"

struct stage {
  goshim_chan *in, *out;
};

static void generate(void* arg) {
  for (long i = 1; i <= 1000; i++) goshim_send(arg, &i);
  goshim_close(arg);
}

static void twice(void* arg) {
  struct stage* s = arg;
  long v;
  goshim_range(s->in, &v) {
    v *= 2;
    goshim_send(s->out, &v);
  }
  goshim_close(s->out);
}

int main(void) {
  struct stage s[5];
  goshim_chan* c = make(sizeof(long), 4);
  go(generate, c);
  for (int i = 0; i < 5; i++) {
    s[i] = (struct stage){c, make(sizeof(long), (size_t)i)};
    c = s[i].out;
    go(twice, &s[i]);
  }
  long v, sum = 0;
  goshim_range(c, &v) sum += v;
  CHECK_EQ(sum, 500500L * 32);
  return 0;
}
