// covers: pthread_join pthread_detach pthread_tryjoin_np
// Joining or detaching a living detached thread gives EINVAL (tryjoin sees only that it lives:
// EBUSY).
#include "../help.h"

#include <semaphore.h>

static sem_t go, done;

static void* body(void* arg) {
  (void)arg;
  sem_wait(&go);
  sem_post(&done);
  sem_wait(&go);
  return NULL;
}

int main(void) {
  sem_init(&go, 0, 0);
  sem_init(&done, 0, 0);
  pthread_t t = THREAD(body, NULL);
  CHECK_OK(pthread_detach(t));
  CHECK_RET(pthread_detach(t), EINVAL);
  CHECK_RET(pthread_join(t, NULL), EINVAL);
  CHECK_RET(pthread_tryjoin_np(t, NULL), EBUSY);
  sem_post(&go);
  sem_wait(&done);
  sem_post(&go);
  return 0;
}
