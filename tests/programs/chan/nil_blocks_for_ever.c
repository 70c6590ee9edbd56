// link: -lgoshim
// Spec: a send to and a receive from a nil channel block for ever. The process ends with main.
#include "api.h"

static int passed;

static void send(void* arg) {
  (void)arg;
  goshim_send(NULL, "x");
  passed = 1;
}

static void receive(void* arg) {
  (void)arg;
  goshim_recv(NULL, NULL);
  passed = 1;
}

int main(void) {
  go(send, NULL);
  go(receive, NULL);
  goshim_sleep(20 * MS);
  CHECK_EQ(passed, 0);
  return 0;
}
