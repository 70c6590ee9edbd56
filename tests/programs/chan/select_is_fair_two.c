// link: -lgoshim
// Spec, Select statements: of several cases that can go on one is chosen at random, each of 2 as likely.
#include "api.h"

enum { kN = 2, kRounds = 400 * kN };

int main(void) {
  goshim_chan* c[kN];
  int count[kN] = {0};
  for (int i = 0; i < kN; i++) {
    c[i] = make(sizeof(int), kRounds);
    for (int j = 0; j < kRounds; j++) goshim_send(c[i], &j);
  }
  for (int r = 0; r < kRounds; r++) {
    goshim_case k[kN];
    for (int i = 0; i < kN; i++) k[i] = goshim_case_recv(c[i], NULL);
    count[goshim_select(k, kN)]++;
  }
  // 400 each; the deviation is 20, ten times that would be a wonder.
  for (int i = 0; i < kN; i++) CHECK(count[i] > 200 && count[i] < 600);
  return 0;
}
