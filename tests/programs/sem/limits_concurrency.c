// covers: sem_wait sem_post sem_trywait
// A semaphore of 4 never lets a fifth of 32 threads in, and all get in sometime.
#include "../help.h"

#include <semaphore.h>

static sem_t sem;
static int inside, total;

static void* body(void* arg) {
  for (int i = 0; i < 20; i++) {
    if (i % 4 == 3) {
      while (sem_trywait(&sem) != 0) {
        CHECK_EQ(errno, EAGAIN);
        sched_yield();
      }
    } else {
      CHECK_OK(sem_wait(&sem));
    }
    int now = __atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST);
    CHECK(now >= 1 && now <= 4);
    if (i % 10 == 0) sleep_ms(1);
    __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&total, 1, __ATOMIC_SEQ_CST);
    CHECK_OK(sem_post(&sem));
  }
  return arg;
}

int main(void) {
  pthread_t t[32];
  CHECK_OK(sem_init(&sem, 0, 4));
  for (int i = 0; i < 32; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 32; i++) JOIN(t[i]);
  CHECK_EQ(total, 640);
  return 0;
}
