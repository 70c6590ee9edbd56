// covers: pthread_cond_timedwait usleep poll
// A sandbox (systemd's SystemCallFilter=, a container's) that refuses newer system calls with EPERM: epoll_pwait2, io_uring.
// Sleeps and timeouts are right, and are not waited for by turning round.
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

enum { kSleepers = 10, kSleepMs = 500 };

static void refuse_new_calls(void) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 441, 2, 0),  // epoll_pwait2
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 425, 0, 2),  // io_uring_setup, _enter, _register
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 428, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof code / sizeof *code, code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    SKIP("no seccomp filters here");
}

static double cpu_seconds(void) {
  struct rusage use;
  getrusage(RUSAGE_SELF, &use);
  return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
         (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static void* sleeper(void* arg) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
  long i = (long)arg;
  struct timespec start, end, until;
  clock_gettime(CLOCK_MONOTONIC, &start);
  if (i % 3 == 0) {
    CHECK(usleep(kSleepMs * 1000) == 0);
  } else if (i % 3 == 1) {
    CHECK(poll(NULL, 0, kSleepMs) == 0);
  } else {
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += kSleepMs * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&lock);
    int r;
    while ((r = pthread_cond_timedwait(&never, &lock, &until)) == 0) {
    }
    CHECK(r == ETIMEDOUT);
    pthread_mutex_unlock(&lock);
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  CHECK((end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000 >=
        kSleepMs - 1);
  return NULL;
}

int main(void) {
  pthread_t t[kSleepers];
  refuse_new_calls();
  CHECK(syscall(441, -1, NULL, 0, NULL, NULL, 0) == -1 && errno == EPERM);
  for (long i = 0; i < kSleepers; i++) CHECK(pthread_create(&t[i], NULL, sleeper, (void*)i) == 0);
  for (int i = 0; i < kSleepers; i++) CHECK(pthread_join(t[i], NULL) == 0);
  // Nobody had anything to do. Who turns round instead of waiting burns as long as it sleeps.
  CHECK(cpu_seconds() < kSleepMs / 1e3 / 10);
  return 0;
}
