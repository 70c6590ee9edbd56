// covers: syscall pthread_join
// exit(2) ends the calling thread and nothing else: no handlers, a joiner gets NULL; after main's the process
// lives on until the others are done.
#include "../help.h"

#include <sys/syscall.h>
#include <sys/wait.h>

static int dtors;
static pthread_key_t key;

static void dtor(void* p) {
  (void)p;
  __atomic_fetch_add(&dtors, 1, __ATOMIC_SEQ_CST);
}

static void* leaves(void* arg) {
  pthread_setspecific(key, &dtors);
  sleep_ms(1);
  syscall(SYS_exit, 5);
  return arg;
}

static void* writes_late(void* arg) {
  sleep_ms(20);
  write_all((int)(intptr_t)arg, "late", 4);
  return NULL;
}

static void at_exit(void) { CHECK(!"an exit handler ran"); }

int main(void) {
  CHECK_OK(pthread_key_create(&key, dtor));
  for (int i = 0; i < 5; i++) CHECK(JOIN(THREAD(leaves, (void*)1)) == NULL);
  CHECK_EQ(__atomic_load_n(&dtors, __ATOMIC_SEQ_CST), 0);
  int fds[2], status;
  char text[4];
  CHECK_OK(pipe(fds));
  pid_t pid = fork();
  if (pid == 0) {
    atexit(at_exit);
    THREAD(writes_late, (void*)(intptr_t)fds[1]);
    syscall(SYS_exit, 6);
  }
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK(WIFEXITED(status));  // kernels differ on whose status it is
  CHECK_EQ(read(fds[0], text, 4), 4);
  return 0;
}
