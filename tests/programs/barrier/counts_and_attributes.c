// covers: pthread_barrier_init pthread_barrierattr_setpshared pthread_barrierattr_getpshared
// A barrier of one never blocks, one of none is EINVAL, and the attribute keeps its value.
#include "../help.h"

int main(void) {
  pthread_barrier_t bar;
  pthread_barrierattr_t attr;
  int shared = -1;
  CHECK_RET(pthread_barrier_init(&bar, NULL, 0), EINVAL);
  CHECK_OK(pthread_barrier_init(&bar, NULL, 1));
  for (int i = 0; i < 5; i++) CHECK_EQ(pthread_barrier_wait(&bar), PTHREAD_BARRIER_SERIAL_THREAD);
  CHECK_OK(pthread_barrier_destroy(&bar));
  CHECK_OK(pthread_barrierattr_init(&attr));
  CHECK_OK(pthread_barrierattr_getpshared(&attr, &shared));
  CHECK_EQ(shared, PTHREAD_PROCESS_PRIVATE);
  CHECK_OK(pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED));
  CHECK_OK(pthread_barrierattr_getpshared(&attr, &shared));
  CHECK_EQ(shared, PTHREAD_PROCESS_SHARED);
  CHECK_RET(pthread_barrierattr_setpshared(&attr, 77), EINVAL);
  CHECK_OK(pthread_barrierattr_destroy(&attr));
  return 0;
}
