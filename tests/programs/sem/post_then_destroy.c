// covers: sem_destroy sem_wait sem_post
// A waiter may destroy and free the semaphore as soon as its wait returns.
#include "../help.h"

#include <semaphore.h>

static void* posts(void* arg) {
  CHECK_OK(sem_post((sem_t*)arg));
  return NULL;
}

int main(void) {
  for (int i = 0; i < 300; i++) {
    sem_t* sem = malloc(sizeof *sem);
    CHECK_OK(sem_init(sem, 0, 0));
    pthread_t t = THREAD(posts, sem);
    CHECK_OK(sem_wait(sem));
    CHECK_OK(sem_destroy(sem));
    memset(sem, 0xcc, sizeof *sem);
    free(sem);
    JOIN(t);
  }
  return 0;
}
