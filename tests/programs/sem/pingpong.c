// covers: sem_wait sem_post
// 10 pairs of threads take strict turns by two semaphores each.
#include "../help.h"

#include <semaphore.h>

struct pair {
  sem_t sem[2];
  int value;
};
static struct pair pairs[10];

static void* body(void* arg) {
  intptr_t i = (intptr_t)arg;
  struct pair* p = &pairs[i / 2];
  for (int k = 0; k < 300; k++) {
    CHECK_OK(sem_wait(&p->sem[i % 2]));
    CHECK_EQ(p->value, 2 * k + i % 2);
    p->value++;
    CHECK_OK(sem_post(&p->sem[1 - i % 2]));
  }
  return NULL;
}

int main(void) {
  pthread_t t[20];
  for (int i = 0; i < 10; i++) {
    sem_init(&pairs[i].sem[0], 0, 1);
    sem_init(&pairs[i].sem[1], 0, 0);
  }
  for (intptr_t i = 0; i < 20; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 20; i++) JOIN(t[i]);
  for (int i = 0; i < 10; i++) CHECK_EQ(pairs[i].value, 600);
  return 0;
}
