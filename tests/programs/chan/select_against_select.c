// link: -lgoshim
// Senders and receivers that all select: each element arrives once.
#include "api.h"

enum { kChans = 3, kEach = 300, kPairs = 4 };
static goshim_chan *c[kChans], *out;

static void send(void* arg) {
  (void)arg;
  for (int i = 1; i <= kEach; i++) {
    goshim_case k[kChans];
    for (int j = 0; j < kChans; j++) k[j] = goshim_case_send(c[j], &i);
    goshim_select(k, kChans);
  }
}

static void receive(void* arg) {
  (void)arg;
  long sum = 0;
  for (int i = 0; i < kEach; i++) {
    int v[kChans];
    goshim_case k[kChans];
    for (int j = 0; j < kChans; j++) k[j] = goshim_case_recv(c[j], &v[j]);
    sum += v[goshim_select(k, kChans)];
  }
  goshim_send(out, &sum);
}

int main(void) {
  out = make(sizeof(long), 0);
  for (int j = 0; j < kChans; j++) c[j] = make(sizeof(int), 0);
  for (int i = 0; i < kPairs; i++) {
    go(send, NULL);
    go(receive, NULL);
  }
  long total = 0, sum;
  for (int i = 0; i < kPairs; i++) {
    goshim_recv(out, &sum);
    total += sum;
  }
  CHECK_EQ(total, (long)kPairs * kEach * (kEach + 1) / 2);
  return 0;
}
