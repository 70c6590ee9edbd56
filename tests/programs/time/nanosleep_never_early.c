// covers: nanosleep
// 40 threads sleep different times, none comes back early.
#include "../help.h"

static void* body(void* arg) {
  for (int k = 0; k < 5; k++) {
    long ns = (long)(intptr_t)arg * 500000 + k * 100001 + 1;
    struct timespec ts = {0, ns}, rest = {7, 7};
    long long start = now_ns();
    CHECK_OK(nanosleep(&ts, &rest));
    CHECK(now_ns() - start >= ns);
    CHECK(rest.tv_sec == 7 && rest.tv_nsec == 7);
  }
  return NULL;
}

int main(void) {
  pthread_t t[40];
  for (intptr_t i = 0; i < 40; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 40; i++) JOIN(t[i]);
  return 0;
}
