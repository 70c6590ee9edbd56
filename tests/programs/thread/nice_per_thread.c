// covers: nice getpriority setpriority
// Niceness belongs to a thread on Linux: others keep theirs, children inherit it, it can be set by id.
#include "../help.h"

#include <sys/resource.h>
#include <sys/syscall.h>

static pthread_barrier_t b;
static pid_t tids[2];
static int base;

static int own(void) {
  errno = 0;
  int n = getpriority(PRIO_PROCESS, 0);
  CHECK_EQ(errno, 0);
  return n;
}

static void* is(void* arg) {
  sleep_ms(1);
  CHECK_EQ(own(), (intptr_t)arg);
  return NULL;
}

static void* nicer(void* arg) {
  CHECK_EQ(nice(3), base + 3);
  for (int i = 0; i < 3; i++) is((void*)(intptr_t)(base + 3));
  JOIN(THREAD(is, (void*)(intptr_t)(base + 3)));
  CHECK_OK(setpriority(PRIO_PROCESS, 0, base + 5));
  CHECK_EQ(getpriority(PRIO_PROCESS, gettid()), base + 5);
  CHECK_EQ(20 - syscall(SYS_getpriority, PRIO_PROCESS, 0), base + 5);
  return arg;
}

static void* set_by_other(void* arg) {
  tids[(intptr_t)arg] = gettid();
  pthread_barrier_wait(&b);
  pthread_barrier_wait(&b);
  CHECK_EQ(own(), base + (arg ? 0 : 4));
  return NULL;
}

int main(void) {
  base = own();
  if (base > 10) SKIP("already nice");
  pthread_barrier_init(&b, NULL, 3);
  pthread_t t[6];
  for (int i = 0; i < 6; i++)
    t[i] = i % 2 ? THREAD(is, (void*)(intptr_t)base) : THREAD(nicer, NULL);
  for (int i = 0; i < 6; i++) JOIN(t[i]);
  CHECK_EQ(own(), base);
  for (intptr_t i = 0; i < 2; i++) t[i] = THREAD(set_by_other, (void*)i);
  pthread_barrier_wait(&b);
  CHECK_OK(setpriority(PRIO_PROCESS, (id_t)tids[0], base + 4));
  CHECK_EQ(getpriority(PRIO_PROCESS, (id_t)tids[0]), base + 4);
  CHECK_EQ(getpriority(PRIO_PROCESS, (id_t)tids[1]), base);
  pthread_barrier_wait(&b);
  for (int i = 0; i < 2; i++) JOIN(t[i]);
  CHECK_ERRNO(setpriority(77, 0, 0), EINVAL);
  CHECK_ERRNO(getpriority(77, 0), EINVAL);
  return 0;
}
