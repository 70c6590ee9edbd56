// link: -lgoshim
// A locked mutex may be unlocked by another goroutine.
#include "api.h"

static goshim_mutex m;

static void unlock(void* arg) {
  (void)arg;
  let_them_wait();
  goshim_mutex_unlock(&m);
}

int main(void) {
  for (int i = 0; i < 10; i++) {
    goshim_mutex_lock(&m);
    go(unlock, NULL);
  }
  goshim_mutex_lock(&m);
  return 0;
}
