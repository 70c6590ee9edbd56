// covers: pthread_attr_setaffinity_np pthread_create
// A thread that could run on no CPU there is is not made.
#include "../help.h"

static void* nothing(void* arg) { return arg; }

int main(void) {
  pthread_attr_t attr;
  pthread_t t;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(CPU_SETSIZE - 1, &set);
  JOIN(THREAD(nothing, NULL));
  CHECK_OK(pthread_attr_init(&attr));
  CHECK_OK(pthread_attr_setaffinity_np(&attr, sizeof set, &set));
  CHECK_RET(pthread_create(&t, &attr, nothing, NULL), EINVAL);
  CHECK_OK(pthread_attr_destroy(&attr));
  return 0;
}
