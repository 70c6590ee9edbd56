// link: -lgoshim
// Main may lock and unlock its thread as well, before and after there are others.
#include "api.h"

static void work(void* arg) {
  for (int i = 0; i < 100; i++) goshim_send(arg, &i);
  goshim_close(arg);
}

int main(void) {
  goshim_lock_os_thread();
  goshim_unlock_os_thread();
  goshim_chan* c = make(sizeof(int), 0);
  go(work, c);
  goshim_lock_os_thread();
  int v, n = 0;
  for (int i = 0; i < 50; i++) CHECK_EQ(goshim_recv(c, &v), GOSHIM_OK);
  goshim_unlock_os_thread();
  goshim_range(c, &v) n++;
  CHECK_EQ(n, 50);
  return 0;
}
