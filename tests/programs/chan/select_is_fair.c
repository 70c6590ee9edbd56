// link: -lgoshim
// Spec, Select statements: of several cases that can go on one is chosen at random, each of 2, each of 16 as likely.
#include "api.h"

enum { kMost = 16, kEach = 400 };

static void check_fair(int n) {
  goshim_chan* c[kMost];
  int count[kMost] = {0};
  for (int i = 0; i < n; i++) {
    c[i] = make(sizeof(int), kEach * n);
    for (int j = 0; j < kEach * n; j++) goshim_send(c[i], &j);
  }
  for (int r = 0; r < kEach * n; r++) {
    goshim_case k[kMost];
    for (int i = 0; i < n; i++) k[i] = goshim_case_recv(c[i], NULL);
    count[goshim_select(k, n)]++;
  }
  // 400 each; the deviation is 20, ten times that would be a wonder.
  for (int i = 0; i < n; i++) CHECK(count[i] > kEach / 2 && count[i] < kEach + kEach / 2);
}

int main(void) {
  check_fair(2);
  check_fair(kMost);
  return 0;
}
