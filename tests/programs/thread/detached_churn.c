// covers: pthread_create pthread_attr_setdetachstate
// 2,000 short detached threads, one after the other in groups, leave nothing behind that stops
// more.
#include "../help.h"

static int count;

static void* body(void* arg) {
  (void)arg;
  __atomic_fetch_add(&count, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

int main(void) {
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attr, 128 * 1024);
  int started = 0;
  for (int round = 0; round < 40; round++) {
    for (int i = 0; i < 50; i++, started++) {
      pthread_t t;
      CHECK_OK(pthread_create(&t, &attr, body, NULL));
    }
    while (__atomic_load_n(&count, __ATOMIC_SEQ_CST) < started) sleep_ms(1);
  }
  CHECK_EQ(count, 2000);
  return 0;
}
