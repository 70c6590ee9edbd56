// covers: sem_open sem_close sem_unlink sem_wait sem_post
// A named semaphore is one object by name, wakes threads, and keeps its errors: EEXIST, ENOENT.
#include "../help.h"

#include <fcntl.h>
#include <semaphore.h>

static sem_t *a, *b;

static void* body(void* arg) {
  CHECK_OK(sem_wait(b));
  return arg;
}

int main(void) {
  char name[64];
  snprintf(name, sizeof name, "/test-sem-%d", (int)getpid());
  CHECK(sem_open(name, 0) == SEM_FAILED && errno == ENOENT);
  a = sem_open(name, O_CREAT | O_EXCL, 0600, 2);
  if (a == SEM_FAILED) SKIP("no named semaphores here");
  CHECK(sem_open(name, O_CREAT | O_EXCL, 0600, 0) == SEM_FAILED && errno == EEXIST);
  b = sem_open(name, 0);
  CHECK(b != SEM_FAILED);
  CHECK_OK(sem_unlink(name));
  CHECK_ERRNO(sem_unlink(name), ENOENT);
  int v = -1;
  CHECK_OK(sem_getvalue(b, &v));
  CHECK_EQ(v, 2);
  pthread_t t[8];
  for (int i = 0; i < 8; i++) t[i] = THREAD(body, NULL);
  sleep_ms(5);
  for (int i = 0; i < 6; i++) CHECK_OK(sem_post(a));
  for (int i = 0; i < 8; i++) JOIN(t[i]);
  CHECK_ERRNO(sem_trywait(a), EAGAIN);
  CHECK_OK(sem_close(a));
  CHECK_OK(sem_close(b));
  return 0;
}
