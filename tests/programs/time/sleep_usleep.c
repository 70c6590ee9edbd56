// covers: sleep usleep
// sleep and usleep in many threads run side by side and return 0 after their time.
#include "../help.h"

static void* body(void* arg) {
  long long start = now_ms();
  if (arg) {
    for (int i = 0; i < 10; i++) CHECK_OK(usleep(5000));
    CHECK_ELAPSED(start, 50, 30000);
  } else {
    CHECK_EQ(sleep(0), 0);
    CHECK_OK(usleep(0));
    CHECK_OK(usleep(1));
  }
  return NULL;
}

static void* one_second(void* arg) {
  long long start = now_ms();
  CHECK_EQ(sleep(1), 0);
  CHECK_ELAPSED(start, 1000, 60000);
  return arg;
}

int main(void) {
  pthread_t t[40], s[30];
  for (int i = 0; i < 30; i++) s[i] = THREAD(one_second, NULL);
  for (intptr_t i = 0; i < 40; i++) t[i] = THREAD(body, (void*)(i % 2));
  for (int i = 0; i < 40; i++) JOIN(t[i]);
  for (int i = 0; i < 30; i++) JOIN(s[i]);
  return 0;
}
