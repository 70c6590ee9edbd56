// covers: pthread_mutex_lock pthread_mutex_unlock
// A normal mutex used as a gate: locked by one thread, unlocked by another (undefined by POSIX,
// works in glibc).
#include "../help.h"

static pthread_mutex_t ping = PTHREAD_MUTEX_INITIALIZER, pong = PTHREAD_MUTEX_INITIALIZER;
static int value;

static void* body(void* arg) {
  for (int i = 0; i < 300; i++) {
    CHECK_OK(pthread_mutex_lock(&ping));
    CHECK_EQ(value, 2 * i + 1);
    value++;
    CHECK_OK(pthread_mutex_unlock(&pong));
  }
  return arg;
}

int main(void) {
  pthread_mutex_lock(&ping);
  pthread_mutex_lock(&pong);
  pthread_t t = THREAD(body, NULL);
  for (int i = 0; i < 300; i++) {
    CHECK_EQ(value, 2 * i);
    value++;
    CHECK_OK(pthread_mutex_unlock(&ping));
    CHECK_OK(pthread_mutex_lock(&pong));
  }
  JOIN(t);
  return 0;
}
