// covers: pthread_mutexattr_init pthread_mutexattr_settype pthread_mutexattr_gettype
// covers: pthread_mutexattr_getpshared pthread_mutexattr_getprioceiling
// Mutex attributes have their defaults, keep what is set, and refuse nonsense.
#include "../help.h"

int main(void) {
  pthread_mutexattr_t attr;
  int v = -1;
  CHECK_OK(pthread_mutexattr_init(&attr));
  CHECK_OK(pthread_mutexattr_gettype(&attr, &v));
  CHECK_EQ(v, PTHREAD_MUTEX_DEFAULT);
  CHECK_OK(pthread_mutexattr_getpshared(&attr, &v));
  CHECK_EQ(v, PTHREAD_PROCESS_PRIVATE);
  CHECK_OK(pthread_mutexattr_getrobust(&attr, &v));
  CHECK_EQ(v, PTHREAD_MUTEX_STALLED);
  int types[] = {PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_ADAPTIVE_NP};
  for (int i = 0; i < 3; i++) {
    CHECK_OK(pthread_mutexattr_settype(&attr, types[i]));
    CHECK_OK(pthread_mutexattr_gettype(&attr, &v));
    CHECK_EQ(v, types[i]);
  }
  CHECK_RET(pthread_mutexattr_settype(&attr, 99), EINVAL);
  CHECK_RET(pthread_mutexattr_setpshared(&attr, 99), EINVAL);
  CHECK_RET(pthread_mutexattr_setrobust(&attr, 99), EINVAL);
  CHECK_RET(pthread_mutexattr_setprotocol(&attr, 99), EINVAL);
  CHECK_OK(pthread_mutexattr_destroy(&attr));
  return 0;
}
