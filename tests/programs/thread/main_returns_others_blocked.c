// covers: exit pthread_create
// Returning from main ends the process though threads are blocked in every way or spin.
#include "../help.h"

#include <semaphore.h>

static sem_t never;
static int pipes[2];
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static volatile int spin = 1;

static void* waits(void* arg) {
  char c;
  switch ((intptr_t)arg % 5) {
    case 0:
      sem_wait(&never);
      break;
    case 1:
      (void)!read(pipes[0], &c, 1);
      break;
    case 2:
      pthread_mutex_lock(&m);
      break;
    case 3:
      sleep(1000);
      break;
    case 4:
      while (spin) {
      }
  }
  _exit(5);
}

int main(void) {
  sem_init(&never, 0, 0);
  CHECK_OK(pipe(pipes));
  pthread_mutex_lock(&m);
  for (intptr_t i = 0; i < 20; i++) THREAD(waits, (void*)(i == 4 ? i : i % 5 == 4 ? 0 : i));
  sleep_ms(30);
  return 0;
}
