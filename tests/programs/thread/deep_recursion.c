// covers: pthread_create
// Default threads can use 6 MB of their 8 MB stack, several at once, and block at the bottom.
#include "../help.h"

static __attribute__((noinline)) long down(int n, long tag) {
  volatile char block[4000];
  block[0] = (char)(n + tag);
  block[3999] = (char)(n * 3 + tag);
  long sum = 1;
  if (n > 0) {
    sum += down(n - 1, tag);
  } else {
    sleep_ms(5);
  }
  CHECK(block[0] == (char)(n + tag) && block[3999] == (char)(n * 3 + tag));
  return sum;
}

static void* body(void* arg) {
  pthread_attr_t attr;
  size_t size = 0;
  pthread_attr_init(&attr);
  pthread_attr_getstacksize(&attr, &size);
  if (size < (8 << 20)) SKIP("the default stack is smaller than 8 MB");
  return (void*)down((6 << 20) / 4096, (long)(intptr_t)arg);
}

int main(void) {
  pthread_t t[4];
  for (intptr_t i = 0; i < 4; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 4; i++) CHECK_EQ((intptr_t)JOIN(t[i]), (6 << 20) / 4096 + 1);
  return 0;
}
