// covers: pthread_create pthread_attr_setstacksize
// A thread that cannot have its stack gives EAGAIN; the process and its threads go on.
#include "../help.h"

static void* body(void* arg) {
  sleep_ms(20);
  return arg;
}

int main(void) {
  int x;
  pthread_t alive = THREAD(body, &x), t = 0;
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  CHECK_OK(pthread_attr_setstacksize(&attr, (size_t)1 << 47));
  for (int i = 0; i < 3; i++) CHECK_RET(pthread_create(&t, &attr, body, NULL), EAGAIN);
  CHECK_OK(pthread_attr_setstacksize(&attr, 1 << 20));
  CHECK_OK(pthread_create(&t, &attr, body, &alive));
  CHECK(JOIN(t) == &alive);
  CHECK(JOIN(alive) == &x);
  return 0;
}
