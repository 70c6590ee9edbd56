// covers: prctl syscall pthread_create
// A browser's sandbox: what is not on its list of system calls kills the process. Threads made after it need no more than
// libc's own do, whichever way the filter was set.
#include "../help.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define KILL_IF(nr) \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)

static struct sock_filter code[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    KILL_IF(SYS_get_robust_list),
    KILL_IF(SYS_epoll_create1),
    KILL_IF(SYS_epoll_ctl),
    KILL_IF(SYS_epoll_wait),
    KILL_IF(SYS_epoll_pwait),
    KILL_IF(441),  // epoll_pwait2
    KILL_IF(425),  // io_uring_setup
    KILL_IF(SYS_eventfd2),
    KILL_IF(SYS_sched_getaffinity),
    KILL_IF(SYS_prctl),
    KILL_IF(SYS_arch_prctl),
    KILL_IF(SYS_rt_tgsigqueueinfo),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};
static struct sock_fprog filter = {sizeof code / sizeof *code, code};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn, p[2];

static void* takes_turns(void* arg) {
  char c;
  for (int i = 0; i < 50; i++) {
    pthread_mutex_lock(&lock);
    while (turn % 4 != (intptr_t)arg) pthread_cond_wait(&changed, &lock);
    turn++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
  }
  sleep_ms(1);
  CHECK_EQ(read(p[0], &c, 1), 1);
  return arg;
}

static int by_prctl(void) { return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter); }
static int by_prctl_call(void) {
  return (int)syscall(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}
static int by_seccomp(void) {
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
}

static void sandboxed(int (*enter)(void)) {
  pthread_t t[4];
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK_OK(pipe(p));
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || enter() != 0) _exit(77);
    for (int i = 0; i < 4; i++) t[i] = THREAD(takes_turns, (void*)(intptr_t)i);
    sleep_ms(2);
    write_all(p[1], "1234", 4);
    for (int i = 0; i < 4; i++) JOIN(t[i]);
    _exit(turn == 200 ? 0 : 1);
  }
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  if (status == 77 << 8) SKIP("no seccomp filters here");
  CHECK_EQ(status, 0);
}

int main(void) {
  sandboxed(by_prctl);
  sandboxed(by_prctl_call);
  sandboxed(by_seccomp);
  return 0;
}
