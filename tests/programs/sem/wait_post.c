// covers: sem_init sem_wait sem_post sem_destroy
// As many waits return as there were posts, never more, among 30 threads.
#include "../help.h"

#include <semaphore.h>

static sem_t sem, done;
static int through, posted;

static void* body(void* arg) {
  CHECK_OK(sem_wait(&sem));
  int now = __atomic_add_fetch(&through, 1, __ATOMIC_SEQ_CST);
  CHECK(now <= __atomic_load_n(&posted, __ATOMIC_SEQ_CST));
  sem_post(&done);
  return arg;
}

int main(void) {
  pthread_t t[30];
  CHECK_OK(sem_init(&sem, 0, 0));
  CHECK_OK(sem_init(&done, 0, 0));
  for (int i = 0; i < 30; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 3; i++) {
    for (int k = 0; k < 10; k++) {
      __atomic_add_fetch(&posted, 1, __ATOMIC_SEQ_CST);
      CHECK_OK(sem_post(&sem));
    }
    for (int k = 0; k < 10; k++) CHECK_OK(sem_wait(&done));
    CHECK_EQ(__atomic_load_n(&through, __ATOMIC_SEQ_CST), 10 * (i + 1));
  }
  for (int i = 0; i < 30; i++) JOIN(t[i]);
  CHECK_OK(sem_destroy(&sem));
  return 0;
}
