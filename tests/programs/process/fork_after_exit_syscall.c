// covers: fork pthread_create pthread_join syscall
// Threads that used malloc end by the system call exit(2), then the process forks. The child's threads use malloc and end.
#include <sys/syscall.h>
#include <sys/wait.h>

#include "../help.h"

enum { kThreads = 8 };

static int left;

static void* use_malloc(void* plainly) {
  void* p[3];
  for (int i = 0; i < 3; i++) CHECK((p[i] = malloc(2000)) != NULL);
  for (int i = 0; i < 3; i++) free(p[i]);
  if (plainly) {
    __atomic_fetch_add(&left, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_exit, 0);
  }
  return NULL;
}

static void some_threads(void) {
  pthread_t threads[kThreads];
  for (int i = 0; i < kThreads; i++)
    CHECK(pthread_create(&threads[i], NULL, use_malloc, NULL) == 0);
  for (int i = 0; i < kThreads; i++) CHECK(pthread_join(threads[i], NULL) == 0);
}

int main(void) {
  for (int i = 0; i < kThreads; i++) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, use_malloc, &left) == 0);
    CHECK(pthread_detach(thread) == 0);
  }
  while (__atomic_load_n(&left, __ATOMIC_SEQ_CST) < kThreads) usleep(1000);
  usleep(20000);
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    some_threads();
    some_threads();
    exit(0);
  }
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  some_threads();
  return 0;
}
