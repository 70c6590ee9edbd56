// covers: sem_open sem_unlink
// sem_open and sem_unlink are no cancellation points, also when a file has to be made: the request
// stays for the next point.
#include "../help.h"

#include <fcntl.h>
#include <semaphore.h>

static sem_t go;
static char name[64];
static int opened, unlinked, closed;

static void* body(void* arg) {
  (void)arg;
  CHECK_OK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL));
  sem_wait(&go);
  CHECK_OK(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL));
  sem_t* s = sem_open(name, O_CREAT | O_EXCL, 0600, 3);
  CHECK(s != SEM_FAILED);
  opened = 1;
  int value = 0;
  CHECK_OK(sem_getvalue(s, &value));
  CHECK(value == 3);
  CHECK_OK(sem_unlink(name));
  unlinked = 1;
  CHECK_OK(sem_close(s));
  closed = 1;
  pthread_testcancel();
  return NULL;
}

int main(void) {
  snprintf(name, sizeof name, "/goshim-test-%d", (int)getpid());
  sem_init(&go, 0, 0);
  pthread_t t = THREAD(body, NULL);
  CHECK_OK(pthread_cancel(t));
  sem_post(&go);
  void* r = NULL;
  CHECK_OK(pthread_join(t, &r));
  CHECK(opened && unlinked && closed);
  CHECK(r == PTHREAD_CANCELED);
  return 0;
}
