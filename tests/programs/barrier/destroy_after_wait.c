// covers: pthread_barrier_destroy pthread_barrier_wait
// The serial thread may destroy and free the barrier as soon as it returns from it.
#include "../help.h"

static void* body(void* arg) {
  pthread_barrier_t* bar = arg;
  if (pthread_barrier_wait(bar) == PTHREAD_BARRIER_SERIAL_THREAD) {
    CHECK_OK(pthread_barrier_destroy(bar));
    memset(bar, 0xff, sizeof *bar);
    free(bar);
  }
  return NULL;
}

int main(void) {
  for (int round = 0; round < 100; round++) {
    pthread_barrier_t* bar = malloc(sizeof *bar);
    CHECK_OK(pthread_barrier_init(bar, NULL, 4));
    pthread_t t[4];
    for (int i = 0; i < 4; i++) t[i] = THREAD(body, bar);
    for (int i = 0; i < 4; i++) JOIN(t[i]);
  }
  return 0;
}
