// covers: gettid syscall
// Thread ids are positive, unique among the living, the same by function and by syscall, and
// stable.
#include "../help.h"

#include <sys/syscall.h>

enum { kThreads = 64 };
static pid_t ids[kThreads];
static pthread_barrier_t all;

static void* body(void* arg) {
  intptr_t i = (intptr_t)arg;
  ids[i] = gettid();
  pthread_barrier_wait(&all);
  for (int k = 0; k < 5; k++) {
    sleep_ms(1);
    CHECK_EQ(gettid(), ids[i]);
    CHECK_EQ(syscall(SYS_gettid), ids[i]);
  }
  CHECK(ids[i] > 0 && ids[i] != getpid());
  for (int k = 0; k < kThreads; k++) CHECK(k == i || ids[k] != ids[i]);
  pthread_barrier_wait(&all);
  return NULL;
}

int main(void) {
  pthread_t t[kThreads];
  CHECK_EQ(gettid(), getpid());
  pthread_barrier_init(&all, NULL, kThreads);
  for (intptr_t i = 0; i < kThreads; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < kThreads; i++) JOIN(t[i]);
  CHECK_EQ(gettid(), getpid());
  return 0;
}
