// covers: pthread_mutex_lock read write
// A holder that blocks in read, sleep, sem_wait or join keeps the others waiting, not anything
// else.
#include "../help.h"

#include <semaphore.h>

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int pipes[2], rounds;
static sem_t sem;

static void* feeder(void* arg) {
  for (int i = 0; i < 20; i++) {
    sleep_ms(1);
    write_all(pipes[1], "x", 1);
    sem_post(&sem);
  }
  return arg;
}
static void* nothing(void* arg) { return arg; }

static void* body(void* arg) {
  char c;
  for (int i = 0; i < 8; i++) {
    pthread_mutex_lock(&m);
    int seen = rounds;
    switch (seen % 4) {
      case 0:
        CHECK_EQ(read(pipes[0], &c, 1), 1);
        break;
      case 1:
        sem_wait(&sem);
        break;
      case 2:
        sleep_ms(1);
        break;
      case 3:
        JOIN(THREAD(nothing, NULL));
        break;
    }
    rounds = seen + 1;
    pthread_mutex_unlock(&m);
  }
  return arg;
}

int main(void) {
  pthread_t t[10];
  CHECK_OK(pipe(pipes));
  sem_init(&sem, 0, 0);
  for (int i = 0; i < 10; i++) t[i] = THREAD(body, NULL);
  pthread_t f = THREAD(feeder, NULL);
  for (int i = 0; i < 10; i++) JOIN(t[i]);
  JOIN(f);
  CHECK_EQ(rounds, 80);
  return 0;
}
