// covers: nanosleep
// Sleeps with clearly different lengths end in the order of their lengths, whatever the order of
// their start.
#include "../help.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static struct timespec base;
static long long woken[8];

static void* body(void* arg) {
  intptr_t i = (intptr_t)arg;
  struct timespec at = base;
  at.tv_nsec += (i + 1) * 20000000;
  at.tv_sec += at.tv_nsec / 1000000000;
  at.tv_nsec %= 1000000000;
  CHECK_OK(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL));
  long long now = now_ns();
  pthread_mutex_lock(&m);
  woken[i] = now;
  pthread_mutex_unlock(&m);
  return NULL;
}

int main(void) {
  pthread_t t[8];
  int inversions = 0;
  base = deadline_ms(CLOCK_MONOTONIC, 20);
  for (intptr_t i = 0; i < 8; i++) t[i] = THREAD(body, (void*)((i * 5) % 8));
  for (int i = 0; i < 8; i++) JOIN(t[i]);
  for (int i = 0; i < 8; i++) {
    CHECK(woken[i] >= base.tv_sec * 1000000000LL + base.tv_nsec + (i + 1) * 20000000LL);
    if (i > 0 && woken[i] < woken[i - 1]) inversions++;
  }
  CHECK(inversions <= 3); /* a loaded machine may delay some */
  return 0;
}
