// link: -lgoshim
// A channel is an element like others: a request carries the channel for its answer.
#include "api.h"

struct request {
  int n;
  goshim_chan* answer;
};

static void serve(void* arg) {
  struct request r;
  goshim_range(arg, &r) {
    int square = r.n * r.n;
    goshim_send(r.answer, &square);
  }
}

int main(void) {
  goshim_chan* requests = make(sizeof(struct request), 0);
  for (int i = 0; i < 4; i++) go(serve, requests);
  for (int i = 0; i < 300; i++) {
    struct request r = {i, make(sizeof(int), 0)};
    goshim_send(requests, &r);
    int v;
    CHECK_EQ(goshim_recv(r.answer, &v), GOSHIM_OK);
    CHECK_EQ(v, i * i);
    // The server may still be inside its send.
    goshim_chan_unref(r.answer);
  }
  goshim_close(requests);
  return 0;
}
