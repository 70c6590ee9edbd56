// covers: nanosleep usleep
// 500 threads sleep at the same time, so that all together take nowhere near the sum.
#include "../help.h"

static void* body(void* arg) {
  long long start = now_ms();
  sleep_ms(100);
  CHECK_ELAPSED(start, 100, 60000);
  return arg;
}

int main(void) {
  static pthread_t t[500];
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, 128 << 10);
  long long start = now_ms();
  for (int i = 0; i < 500; i++) CHECK_OK(pthread_create(&t[i], &attr, body, NULL));
  for (int i = 0; i < 500; i++) JOIN(t[i]);
  CHECK_ELAPSED(start, 100, 25000); /* one after the other would be 50 s */
  return 0;
}
