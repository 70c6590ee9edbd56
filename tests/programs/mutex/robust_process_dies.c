// covers: pthread_mutexattr_setrobust pthread_mutexattr_setpshared fork
// A robust process-shared mutex held by a process that ends gives EOWNERDEAD to a thread of
// another.
#include "../help.h"

#include <sys/mman.h>
#include <sys/wait.h>

static pthread_mutex_t* m;

static void* body(void* arg) {
  CHECK_RET(pthread_mutex_lock(m), EOWNERDEAD);
  CHECK_OK(pthread_mutex_consistent(m));
  CHECK_OK(pthread_mutex_unlock(m));
  return arg;
}

int main(void) {
  m = mmap(NULL, sizeof *m, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(m != MAP_FAILED);
  pthread_mutexattr_t attr;
  pthread_mutexattr_init(&attr);
  pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
  pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
  CHECK_OK(pthread_mutex_init(m, &attr));
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK_OK(pthread_mutex_lock(m));
    _exit(0);
  }
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  JOIN(THREAD(body, NULL));
  CHECK_OK(pthread_mutex_lock(m));
  CHECK_OK(pthread_mutex_unlock(m));
  return 0;
}
