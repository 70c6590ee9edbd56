// covers: pthread_mutex_lock pthread_mutex_trylock pthread_mutex_unlock
// A process is killed while a thread of it, not main, holds a robust mutex that others see: the next one is told.
#include "../help.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

struct Shared {
  pthread_mutex_t m[3];
  int locked;
};
static struct Shared* s;

static void* holds(void* arg) {
  int i = (int)(intptr_t)arg;
  if (i == 1) {
    CHECK_OK(pthread_mutex_trylock(&s->m[i]));
  } else {
    CHECK_OK(pthread_mutex_lock(&s->m[i]));
  }
  // Unlocked and locked again: still known.
  CHECK_OK(pthread_mutex_unlock(&s->m[i]));
  sleep_ms(1);
  CHECK_OK(pthread_mutex_lock(&s->m[i]));
  CHECK_RET(pthread_mutex_trylock(&s->m[i]), i == 2 ? EBUSY : EBUSY);
  __atomic_fetch_add(&s->locked, 1, __ATOMIC_SEQ_CST);
  for (;;) pause();
  return NULL;
}

static void* takes(void* arg) {
  for (int i = 0; i < 3; i++) {
    CHECK_RET(pthread_mutex_lock(&s->m[i]), EOWNERDEAD);
    CHECK_OK(pthread_mutex_consistent(&s->m[i]));
    CHECK_OK(pthread_mutex_unlock(&s->m[i]));
    CHECK_OK(pthread_mutex_lock(&s->m[i]));
    CHECK_OK(pthread_mutex_unlock(&s->m[i]));
  }
  return arg;
}

int main(void) {
  s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(s != MAP_FAILED);
  pthread_mutexattr_t attr;
  pthread_mutexattr_init(&attr);
  pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
  pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
  for (int i = 0; i < 3; i++) CHECK_OK(pthread_mutex_init(&s->m[i], &attr));
  for (int round = 0; round < 3; round++) {
    s->locked = 0;
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      for (intptr_t i = 0; i < 3; i++) THREAD(holds, (void*)i);
      for (;;) pause();
    }
    while (__atomic_load_n(&s->locked, __ATOMIC_SEQ_CST) < 3) sleep_ms(1);
    // Waiters in this process are woken by the kernel.
    pthread_t t = THREAD(takes, NULL);
    sleep_ms(3);
    CHECK_OK(kill(child, SIGKILL));
    int status;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(WTERMSIG(status), SIGKILL);
    JOIN(t);
  }
  return 0;
}
