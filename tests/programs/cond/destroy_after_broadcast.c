// covers: pthread_cond_destroy pthread_cond_broadcast
// A condition may be destroyed and freed right after the broadcast that woke its waiters.
#include "../help.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t* c;
static int waiting, go;

static void* body(void* arg) {
  pthread_mutex_lock(&m);
  waiting++;
  int round = go;
  while (go == round) pthread_cond_wait(c, &m);
  pthread_mutex_unlock(&m);
  return arg;
}

int main(void) {
  for (int round = 0; round < 40; round++) {
    c = malloc(sizeof *c);
    CHECK_OK(pthread_cond_init(c, NULL));
    waiting = 0;
    pthread_t t[6];
    for (int i = 0; i < 6; i++) t[i] = THREAD(body, NULL);
    pthread_mutex_lock(&m);
    while (waiting < 6) {
      pthread_mutex_unlock(&m);
      sched_yield();
      pthread_mutex_lock(&m);
    }
    go++;
    CHECK_OK(pthread_cond_broadcast(c));
    pthread_mutex_unlock(&m);
    CHECK_OK(pthread_cond_destroy(c));
    memset(c, 0xee, sizeof *c);
    free(c);
    for (int i = 0; i < 6; i++) JOIN(t[i]);
  }
  return 0;
}
