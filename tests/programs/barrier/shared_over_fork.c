// covers: pthread_barrier_init pthread_barrierattr_setpshared pthread_barrier_wait fork
// A process-shared barrier in shared memory holds threads of two processes together.
#include "../help.h"

#include <sys/mman.h>
#include <sys/wait.h>

struct shared {
  pthread_barrier_t bar;
  int count;
};
static struct shared* s;

static void* body(void* arg) {
  for (int r = 1; r <= 20; r++) {
    __atomic_fetch_add(&s->count, 1, __ATOMIC_SEQ_CST);
    pthread_barrier_wait(&s->bar);
    CHECK_EQ(__atomic_load_n(&s->count, __ATOMIC_SEQ_CST), 4 * r);
    pthread_barrier_wait(&s->bar);
  }
  return arg;
}

int main(void) {
  s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(s != MAP_FAILED);
  pthread_barrierattr_t attr;
  pthread_barrierattr_init(&attr);
  pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
  CHECK_OK(pthread_barrier_init(&s->bar, &attr, 4));
  pid_t child = fork();
  CHECK(child >= 0);
  pthread_t t = THREAD(body, NULL);
  body(NULL);
  JOIN(t);
  if (child == 0) _exit(0);
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  return 0;
}
