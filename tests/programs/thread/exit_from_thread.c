// covers: exit atexit
// exit() in a thread ends the process while main is blocked, after the atexit handlers in reverse
// order.
#include "../help.h"

static int order;

static void first(void) {
  CHECK_EQ(order, 1);
  _exit(0);
}
static void second(void) {
  CHECK_EQ(order, 0);
  order = 1;
}

static void* body(void* arg) {
  (void)arg;
  sleep_ms(5);
  exit(9);
}

int main(void) {
  atexit(first);
  atexit(second);
  pthread_t t = THREAD(body, NULL);
  pthread_join(t, NULL);
  return 8;
}
