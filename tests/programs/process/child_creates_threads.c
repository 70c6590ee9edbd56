// covers: fork pthread_create waitpid
// The child of a threaded parent has one thread, and can make threads, lock, wait and do I/O again.
#include "../help.h"

#include <sys/wait.h>

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int p[2], stop, count;
static __thread int local = 1;

static void* busy(void* arg) {
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
    __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
    sleep_ms(1);
  }
  return arg;
}

static void* in_child(void* arg) {
  char c;
  CHECK_EQ(local, 1);
  CHECK_EQ(read(p[0], &c, 1), 1);
  pthread_mutex_lock(&m);
  count++;
  pthread_mutex_unlock(&m);
  return arg;
}

static void* forks(void* arg) {
  local = 2;
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK_EQ(local, 2);
    count = 0;
    sleep_ms(5);
    CHECK_EQ(count, 0); /* the busy threads are not here */
    pthread_t t[5];
    CHECK_OK(pipe(p));
    for (int i = 0; i < 5; i++) t[i] = THREAD(in_child, NULL);
    sleep_ms(2);
    write_all(p[1], "12345", 5);
    for (int i = 0; i < 5; i++) JOIN(t[i]);
    CHECK_EQ(count, 5);
    _exit(7);
  }
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(WEXITSTATUS(status), 7);
  return arg;
}

int main(void) {
  pthread_t b[4];
  for (int i = 0; i < 4; i++) b[i] = THREAD(busy, NULL);
  for (int i = 0; i < 3; i++) JOIN(THREAD(forks, NULL));
  forks(NULL);
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  for (int i = 0; i < 4; i++) JOIN(b[i]);
  return 0;
}
