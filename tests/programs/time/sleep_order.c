// covers: nanosleep
// Sleeps with clearly different lengths end in the order of their lengths, whatever the order of
// their start. What is clear depends on how long the machine, which may be busy, keeps whom waiting.
#include "../help.h"

enum { kSleepers = 8, kLongestStep = 1280 };

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static struct timespec base;
static long long step, woken[kSleepers];

static long long ns_of(struct timespec t) { return t.tv_sec * 1000000000LL + t.tv_nsec; }

static void* body(void* arg) {
  intptr_t i = (intptr_t)arg;
  long long ns = ns_of(base) + (i + 1) * step;
  struct timespec at = {ns / 1000000000, ns % 1000000000};
  CHECK_OK(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL));
  long long now = now_ns();
  pthread_mutex_lock(&m);
  woken[i] = now;
  pthread_mutex_unlock(&m);
  return NULL;
}

static int inversions(long ms) {
  pthread_t t[kSleepers];
  int found = 0;
  step = ms * 1000000;
  base = deadline_ms(CLOCK_MONOTONIC, ms);
  for (intptr_t i = 0; i < kSleepers; i++) t[i] = THREAD(body, (void*)((i * 5) % kSleepers));
  for (int i = 0; i < kSleepers; i++) JOIN(t[i]);
  for (int i = 0; i < kSleepers; i++) {
    CHECK(woken[i] >= ns_of(base) + (i + 1) * step);
    if (i > 0 && woken[i] < woken[i - 1]) found++;
  }
  return found;
}

int main(void) {
  long ms = 20;
  while (inversions(ms) > 0) {
    CHECK(ms < kLongestStep);
    ms *= 4;
  }
  return 0;
}
