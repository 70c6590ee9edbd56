// covers: pthread_condattr_setpshared pthread_cond_wait pthread_cond_signal fork
// A process-shared condition passes a turn between threads of two processes.
#include "../help.h"

#include <sys/mman.h>

struct shared {
  pthread_mutex_t m;
  pthread_cond_t c;
  int turn;
};
static struct shared* s;

static void* body(void* arg) {
  int me = (int)(intptr_t)arg;
  for (int i = 0; i < 50; i++) {
    CHECK_OK(pthread_mutex_lock(&s->m));
    while (s->turn % 4 != me) CHECK_OK(pthread_cond_wait(&s->c, &s->m));
    CHECK_EQ(s->turn, 4 * i + me);
    s->turn++;
    CHECK_OK(pthread_cond_broadcast(&s->c));
    CHECK_OK(pthread_mutex_unlock(&s->m));
  }
  return NULL;
}

int main(void) {
  s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(s != MAP_FAILED);
  pthread_mutexattr_t ma;
  pthread_condattr_t ca;
  pthread_mutexattr_init(&ma);
  pthread_mutexattr_setpshared(&ma, PTHREAD_PROCESS_SHARED);
  pthread_condattr_init(&ca);
  CHECK_OK(pthread_condattr_setpshared(&ca, PTHREAD_PROCESS_SHARED));
  CHECK_OK(pthread_mutex_init(&s->m, &ma));
  CHECK_OK(pthread_cond_init(&s->c, &ca));
  run_in_two_processes(body);
  CHECK_EQ(s->turn, 200);
  return 0;
}
