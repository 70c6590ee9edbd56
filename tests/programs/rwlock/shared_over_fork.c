// covers: pthread_rwlockattr_setpshared pthread_rwlock_wrlock pthread_rwlock_rdlock fork
// A process-shared rwlock in shared memory holds between threads of two processes.
#include "../help.h"

#include <sys/mman.h>
#include <sys/wait.h>

struct shared {
  pthread_rwlock_t l;
  int a, b;
};
static struct shared* s;

static void* body(void* arg) {
  for (int i = 0; i < 200; i++) {
    if (arg) {
      CHECK_OK(pthread_rwlock_wrlock(&s->l));
      s->a++;
      if (i % 40 == 0) sleep_ms(1);
      s->b++;
    } else {
      CHECK_OK(pthread_rwlock_rdlock(&s->l));
      CHECK_EQ(s->a, s->b);
    }
    CHECK_OK(pthread_rwlock_unlock(&s->l));
  }
  return NULL;
}

int main(void) {
  s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(s != MAP_FAILED);
  pthread_rwlockattr_t attr;
  pthread_rwlockattr_init(&attr);
  CHECK_OK(pthread_rwlockattr_setpshared(&attr, PTHREAD_PROCESS_SHARED));
  CHECK_OK(pthread_rwlock_init(&s->l, &attr));
  pid_t child = fork();
  CHECK(child >= 0);
  pthread_t t[4];
  for (intptr_t i = 0; i < 4; i++) t[i] = THREAD(body, (void*)(intptr_t)(i == 0));
  for (int i = 0; i < 4; i++) JOIN(t[i]);
  if (child == 0) _exit(0);
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  CHECK_EQ(s->a, 400);
  CHECK_EQ(s->b, 400);
  return 0;
}
