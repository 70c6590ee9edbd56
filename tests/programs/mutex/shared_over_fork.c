// covers: pthread_mutexattr_setpshared pthread_mutex_lock fork
// A process-shared mutex in shared memory keeps threads of two processes apart.
#include "../help.h"

#include <sys/mman.h>
#include <sys/wait.h>

struct shared {
  pthread_mutex_t m;
  int count, inside;
};
static struct shared* s;

static void* body(void* arg) {
  for (int i = 0; i < 300; i++) {
    CHECK_OK(pthread_mutex_lock(&s->m));
    CHECK_EQ(s->inside, 0);
    s->inside = 1;
    if (i % 30 == 0) sched_yield();
    if (i % 100 == 0) sleep_ms(1);
    s->count++;
    s->inside = 0;
    CHECK_OK(pthread_mutex_unlock(&s->m));
  }
  return arg;
}

int main(void) {
  s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(s != MAP_FAILED);
  pthread_mutexattr_t attr;
  int shared = -1;
  pthread_mutexattr_init(&attr);
  CHECK_OK(pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED));
  CHECK_OK(pthread_mutexattr_getpshared(&attr, &shared));
  CHECK_EQ(shared, PTHREAD_PROCESS_SHARED);
  CHECK_OK(pthread_mutex_init(&s->m, &attr));
  pid_t child = fork();
  CHECK(child >= 0);
  pthread_t t[3];
  for (int i = 0; i < 3; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 3; i++) JOIN(t[i]);
  if (child == 0) _exit(0);
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  CHECK_EQ(s->count, 1800);
  return 0;
}
