// covers: setuid setgid seteuid setegid setresuid setresgid setreuid setregid setgroups initgroups
// Who changes the credentials changes them for every thread: those that wait, compute, sleep in the kernel, and those
// that are created meanwhile.
#include "../help.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/syscall.h>

enum { kThreads = 24, kRounds = 6 };

static pthread_barrier_t asked, answered;
static uid_t want_uid;
static gid_t want_gid;
static int want_groups;
static int stop;
static int fds[2];

static void check_own(void) {
  uid_t u[3];
  gid_t g[3];
  gid_t list[64];
  CHECK_OK(syscall(SYS_getresuid, &u[0], &u[1], &u[2]));
  CHECK_OK(syscall(SYS_getresgid, &g[0], &g[1], &g[2]));
  CHECK_EQ(u[1], want_uid);
  CHECK_EQ(g[1], want_gid);
  CHECK_EQ(syscall(SYS_getgroups, 64, list), want_groups);
}

static void* waits(void* arg) {
  for (int i = 0; i < kRounds; i++) {
    pthread_barrier_wait(&asked);
    check_own();
    pthread_barrier_wait(&answered);
  }
  return arg;
}

static void* computes(void* arg) {
  while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) __asm__ volatile("" ::: "memory");
  check_own();
  return arg;
}

static void* in_kernel(void* arg) {
  char c;
  CHECK_EQ(syscall(SYS_read, fds[0], &c, 1), 1);
  check_own();
  return arg;
}

static void* churn_body(void* arg) { return arg; }

static void* churns(void* arg) {
  while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) JOIN(THREAD(churn_body, NULL));
  check_own();
  return arg;
}

static void round_is(uid_t uid, gid_t gid, int groups) {
  want_uid = uid;
  want_gid = gid;
  want_groups = groups;
  check_own();
  pthread_barrier_wait(&asked);
  pthread_barrier_wait(&answered);
}

static void* drops(void* arg) {
  CHECK_OK(setresgid(1, 1, 1));
  CHECK_OK(setresuid(2, 2, 2));
  CHECK_ERRNO(setuid(0), EPERM);
  CHECK_ERRNO(setgroups(0, NULL), EPERM);
  return arg;
}

int main(void) {
  if (getuid() != 0) SKIP("not root");
  gid_t some[3] = {10, 20, 30};
  if (setgroups(0, NULL) != 0) SKIP("may not change groups");
  pthread_t t[kThreads], k[2], c[2];
  CHECK_OK(pipe(fds));
  pthread_barrier_init(&asked, NULL, kThreads + 1);
  pthread_barrier_init(&answered, NULL, kThreads + 1);
  for (int i = 0; i < kThreads; i++) t[i] = THREAD(waits, NULL);
  k[0] = THREAD(in_kernel, NULL);
  c[0] = THREAD(computes, NULL);
  c[1] = THREAD(churns, NULL);
  sleep_ms(5);
  round_is(0, 0, 0);
  CHECK_OK(setgroups(3, some));
  CHECK_OK(setegid(7));
  CHECK_OK(seteuid(5));
  round_is(5, 7, 3);
  CHECK_OK(seteuid(0));
  CHECK_OK(setregid(0, 0));
  CHECK_OK(setreuid(0, 0));
  CHECK_OK(initgroups("nobody", 44));
  want_groups = getgroups(0, NULL);
  round_is(0, 0, want_groups);
  CHECK_OK(setgid(3));
  round_is(0, 3, want_groups);
  JOIN(THREAD(drops, NULL));
  round_is(2, 1, want_groups);
  CHECK_OK(setuid(2));
  __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
  write_all(fds[1], "x", 1);
  JOIN(k[0]);
  JOIN(c[0]);
  JOIN(c[1]);
  round_is(2, 1, want_groups);
  for (int i = 0; i < kThreads; i++) JOIN(t[i]);
  return 0;
}
