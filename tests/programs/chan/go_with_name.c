// link: -lgoshim
// A goroutine's name is what pthread_getname_np says; a long one is cut.
#include "api.h"

static goshim_chan* done;

static void work(void* arg) {
  char name[16] = "";
  CHECK_OK(pthread_getname_np(pthread_self(), name, sizeof name));
  // Kernel threads, without us, are not named.
  if (getenv("GOSHIM_DISABLE") == NULL) CHECK_STR(name, (const char*)arg);
  goshim_send(done, NULL);
}

int main(void) {
  done = make(0, 0);
  CHECK_EQ(goshim_go_with(work, "worker", "worker", 0), 0);
  goshim_recv(done, NULL);
  CHECK_EQ(goshim_go_with(work, "a name of more ", "a name of more than fifteen bytes", 0), 0);
  goshim_recv(done, NULL);
  return 0;
}
