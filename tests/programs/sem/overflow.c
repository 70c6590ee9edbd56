// covers: sem_post sem_init
// A post above SEM_VALUE_MAX gives EOVERFLOW and changes nothing; init above it gives EINVAL.
#include "../help.h"

#include <limits.h>
#include <semaphore.h>

static void* body(void* arg) {
  sem_t* sem = arg;
  int v = -1;
  CHECK_ERRNO(sem_post(sem), EOVERFLOW);
  CHECK_OK(sem_getvalue(sem, &v));
  CHECK_EQ(v, SEM_VALUE_MAX);
  CHECK_OK(sem_wait(sem));
  CHECK_OK(sem_post(sem));
  CHECK_ERRNO(sem_post(sem), EOVERFLOW);
  return NULL;
}

int main(void) {
  sem_t sem;
  CHECK_ERRNO(sem_init(&sem, 0, (unsigned)SEM_VALUE_MAX + 1u), EINVAL);
  CHECK_OK(sem_init(&sem, 0, SEM_VALUE_MAX));
  body(&sem);
  JOIN(THREAD(body, &sem));
  return 0;
}
