// covers: gettid pthread_exit pthread_cancel pthread_setcancelstate pthread_setname_np
// A thread that is bound to a CPU keeps its id, its name and its result, can be cancelled where it waits, and not where
// it forbids it; signals reach it and end its calls.
#include "../help.h"

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>

static int fds[2];
static int handled;
static pthread_barrier_t ready;

static void bind_self(void) {
  cpu_set_t set;
  CHECK_OK(pthread_getaffinity_np(pthread_self(), sizeof set, &set));
  int cpu = 0;
  while (!CPU_ISSET(cpu, &set)) cpu++;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  CHECK_OK(pthread_setaffinity_np(pthread_self(), sizeof set, &set));
}

static void* exits(void* arg) {
  pid_t before = gettid();
  CHECK_OK(pthread_setname_np(pthread_self(), "bound"));
  bind_self();
  CHECK_EQ(gettid(), before);
  CHECK_EQ(syscall(SYS_gettid), before);
  char name[16];
  CHECK_OK(pthread_getname_np(pthread_self(), name, sizeof name));
  CHECK_STR(name, "bound");
  sleep_ms(1);
  CHECK_EQ(gettid(), before);
  pthread_exit(arg);
}

static void handler(int sig) {
  (void)sig;
  __atomic_fetch_add(&handled, 1, __ATOMIC_SEQ_CST);
}

static void* reads(void* arg) {
  char c;
  bind_self();
  pthread_barrier_wait(&ready);
  CHECK_ERRNO(read(fds[0], &c, 1), EINTR);
  CHECK_EQ(__atomic_load_n(&handled, __ATOMIC_SEQ_CST), 1);
  pthread_barrier_wait(&ready);
  struct timespec long_time = {20, 0};
  CHECK_ERRNO(nanosleep(&long_time, NULL), EINTR);
  pthread_barrier_wait(&ready);
  read(fds[0], &c, 1);
  CHECK(!"not cancelled");
  return arg;
}

static void* forbids(void* arg) {
  int old;
  char c;
  bind_self();
  CHECK_OK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old));
  CHECK_EQ(old, PTHREAD_CANCEL_ENABLE);
  pthread_barrier_wait(&ready);
  CHECK_EQ(read(fds[0], &c, 1), 1);
  CHECK_OK(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old));
  CHECK_EQ(old, PTHREAD_CANCEL_DISABLE);
  pthread_testcancel();
  CHECK(!"not cancelled");
  return arg;
}

int main(void) {
  struct sigaction act;
  memset(&act, 0, sizeof act);
  act.sa_handler = handler;
  CHECK_OK(sigaction(SIGUSR1, &act, NULL));
  CHECK_OK(pipe(fds));
  pthread_barrier_init(&ready, NULL, 2);
  CHECK_EQ((intptr_t)JOIN(THREAD(exits, (void*)77)), 77);
  pthread_t t = THREAD(reads, NULL);
  for (int i = 0; i < 2; i++) {
    pthread_barrier_wait(&ready);
    sleep_ms(10);
    CHECK_OK(pthread_kill(t, SIGUSR1));
  }
  pthread_barrier_wait(&ready);
  sleep_ms(10);
  CHECK_OK(pthread_cancel(t));
  CHECK(JOIN(t) == PTHREAD_CANCELED);
  t = THREAD(forbids, NULL);
  pthread_barrier_wait(&ready);
  CHECK_OK(pthread_cancel(t));
  sleep_ms(5);
  write_all(fds[1], "x", 1);
  CHECK(JOIN(t) == PTHREAD_CANCELED);
  return 0;
}
