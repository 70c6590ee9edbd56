// covers: clock_gettime clock_getres sched_getparam sched_setparam sched_setscheduler
// A clock id of no kind, and no place for the parameters, are EINVAL for a thread as for anyone.
#include "../help.h"

#include <sched.h>

static void* body(void* arg) {
  struct timespec ts;
  const clockid_t no_kind = -1;
  errno = 0;
  CHECK(clock_gettime(no_kind, &ts) == -1 && errno == EINVAL);
  errno = 0;
  CHECK(clock_getres(no_kind, &ts) == -1 && errno == EINVAL);

  struct sched_param* volatile none = NULL;
  errno = 0;
  CHECK(sched_getparam(0, none) == -1 && errno == EINVAL);
  errno = 0;
  CHECK(sched_setparam(0, none) == -1 && errno == EINVAL);
  errno = 0;
  CHECK(sched_setscheduler(0, SCHED_OTHER, none) == -1 && errno == EINVAL);
  return arg;
}

int main(void) {
  JOIN(THREAD(body, NULL));
  body(NULL);
  return 0;
}
