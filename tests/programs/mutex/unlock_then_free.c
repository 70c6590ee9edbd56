// covers: pthread_mutex_unlock pthread_mutex_destroy
// Whoever holds a mutex last may unlock, destroy and free it though the one before is still leaving
// unlock.
#include "../help.h"

struct object {
  pthread_mutex_t m;
  int references;
};

static void* body(void* arg) {
  struct object* o = arg;
  CHECK_OK(pthread_mutex_lock(&o->m));
  int left = --o->references;
  CHECK_OK(pthread_mutex_unlock(&o->m));
  if (left == 0) {
    CHECK_OK(pthread_mutex_destroy(&o->m));
    memset(o, 0xdb, sizeof *o);
    free(o);
  }
  return NULL;
}

int main(void) {
  for (int round = 0; round < 150; round++) {
    struct object* o = malloc(sizeof *o);
    CHECK_OK(pthread_mutex_init(&o->m, NULL));
    o->references = 5;
    pthread_t t[4];
    pthread_mutex_lock(&o->m);
    for (int i = 0; i < 4; i++) t[i] = THREAD(body, o);
    if (round % 2) sched_yield();
    pthread_mutex_unlock(&o->m);
    body(o);
    for (int i = 0; i < 4; i++) JOIN(t[i]);
  }
  return 0;
}
