// link: -lgoshim
// Elements that nobody received are handed to drop when the channel goes.
#include "api.h"

static int dropped[10];

static void drop(void* elem) { dropped[*(int*)elem]++; }

int main(void) {
  goshim_chan* c = goshim_chan_make_drop(sizeof(int), 8, drop);
  CHECK(c != NULL);
  for (int i = 0; i < 8; i++) goshim_send(c, &i);
  int v;
  for (int i = 0; i < 3; i++) goshim_recv(c, &v);
  for (int i = 8; i < 10; i++) goshim_send(c, &i);
  goshim_chan_unref(c);
  for (int i = 0; i < 10; i++) CHECK_EQ(dropped[i], i >= 3);
  return 0;
}
