// covers: wait waitpid wait3 wait4 waitid
// also: GOSHIM_PATCH=0
// Many threads wait for children at once, in every way there is: any child, a group's, stopped and continued ones, with a handler
// that interrupts, with cancellation, and for children that somebody else reaps or that are not ours.
#include "../help.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { kThreads = 12 };

static int gate[2];
static pid_t shared;
static int got_any;
static int over[kThreads];
static __thread volatile sig_atomic_t handled;

static void handler(int sig) { handled = sig; }

// A child that lives until the gate has a byte for it.
static pid_t start_child(int status, pid_t group) {
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    char c;
    if (group >= 0) setpgid(0, group);
    _exit(read(gate[0], &c, 1) == 1 ? status : 99);
  }
  if (group >= 0) setpgid(child, group);
  return child;
}

static void open_gate(int n) {
  for (int i = 0; i < n; i++) write_all(gate[1], "x", 1);
}

static void run(void* (*body)(void*), void (*meanwhile)(pthread_t* t)) {
  pthread_t t[kThreads];
  for (intptr_t i = 0; i < kThreads; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 10; i++) sleep_ms(1);
  meanwhile(t);
  for (int i = 0; i < kThreads; i++) JOIN(t[i]);
}

// ---- any child, and one of a group ----

static void* waits_for_any(void* arg) {
  int status = -1;
  struct rusage usage;
  intptr_t i = (intptr_t)arg;
  pid_t pid = i % 4 == 0   ? wait(&status)
              : i % 4 == 1 ? waitpid(-1, &status, 0)
              : i % 4 == 2 ? wait3(&status, 0, &usage)
                           : wait4(-1, &status, __WALL, &usage);
  CHECK(pid > 0);
  CHECK_EQ(WEXITSTATUS(status), 7);
  __atomic_add_fetch(&got_any, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

static void* waits_for_group(void* arg) {
  int status = -1;
  siginfo_t info;
  if ((intptr_t)arg % 2) {
    CHECK(waitpid(-shared, &status, 0) > 0);
    CHECK_EQ(WEXITSTATUS(status), 8);
  } else {
    CHECK_OK(waitid(P_PGID, (id_t)shared, &info, WEXITED));
    CHECK_EQ(info.si_status, 8);
  }
  return NULL;
}

static void all_end(pthread_t* t) {
  (void)t;
  open_gate(kThreads);
}

// ---- one child for which all wait: one gets it, the others learn that it is gone ----

static void* waits_for_shared(void* arg) {
  int status = -1;
  pid_t pid = waitpid(shared, &status, 0);
  if (pid == shared) {
    CHECK_EQ(WEXITSTATUS(status), 9);
    __atomic_add_fetch(&got_any, 1, __ATOMIC_SEQ_CST);
  } else {
    CHECK_EQ(errno, ECHILD);
  }
  return arg;
}

static void one_ends(pthread_t* t) {
  (void)t;
  open_gate(1);
}

// ---- looked at and left; stopped; continued ----

static void* looks_at_shared(void* arg) {
  siginfo_t info;
  CHECK_OK(waitid(P_PID, (id_t)shared, &info, WEXITED | WNOWAIT));
  CHECK_EQ(info.si_code, CLD_EXITED);
  CHECK_EQ(info.si_pid, shared);
  return arg;
}

static void* follows_a_stop(void* arg) {
  int status = -1;
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    for (;;) pause();
  }
  CHECK_OK(kill(child, SIGSTOP));
  CHECK_EQ(waitpid(child, &status, WUNTRACED), child);
  CHECK(WIFSTOPPED(status));
  CHECK_EQ(waitpid(child, &status, WNOHANG | WUNTRACED), 0);
  CHECK_OK(kill(child, SIGCONT));
  CHECK_EQ(waitpid(child, &status, WCONTINUED), child);
  CHECK(WIFCONTINUED(status));
  CHECK_OK(kill(child, SIGKILL));
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK(WIFSIGNALED(status));
  return arg;
}

static void nothing(pthread_t* t) { (void)t; }

// ---- interrupted, cancelled ----

static void* is_interrupted(void* arg) {
  int status;
  siginfo_t info;
  if ((intptr_t)arg % 2) {
    CHECK_ERRNO(waitpid(shared, &status, 0), EINTR);
  } else {
    CHECK_ERRNO(waitid(P_ALL, 0, &info, WEXITED), EINTR);
  }
  CHECK_EQ(handled, SIGUSR1);
  __atomic_store_n(&over[(intptr_t)arg], 1, __ATOMIC_SEQ_CST);
  return arg;
}

// A signal may come before the call does: then another one is needed.
static void interrupt_all(pthread_t* t) {
  for (int i = 0; i < kThreads; i++) {
    while (!__atomic_load_n(&over[i], __ATOMIC_SEQ_CST)) {
      CHECK_OK(pthread_kill(t[i], SIGUSR1));
      sleep_ms(1);
    }
  }
}

static void* is_restarted(void* arg) {
  int status;
  CHECK(waitpid(-1, &status, 0) > 0);
  CHECK_EQ(handled, SIGUSR2);
  return arg;
}

static void handle_then_end(pthread_t* t) {
  for (int i = 0; i < kThreads; i++) CHECK_OK(pthread_kill(t[i], SIGUSR2));
  for (int i = 0; i < 10; i++) sleep_ms(1);
  open_gate(kThreads);
}

static void* waits_until_cancelled(void* arg) {
  int status;
  waitpid(shared, &status, 0);
  CHECK(!"came back");
  return arg;
}

static void cancel_all(pthread_t* t) {
  for (int i = 0; i < kThreads; i++) CHECK_OK(pthread_cancel(t[i]));
}

static void* has_no_child(void* arg) {
  int status;
  CHECK_ERRNO(waitpid(getppid(), &status, 0), ECHILD);
  CHECK_ERRNO(wait(&status), ECHILD);
  CHECK_ERRNO(waitpid(-1, &status, 0x10000000), EINVAL);
  return arg;
}

static void on_signal(int sig, int flags) {
  struct sigaction act = {.sa_handler = handler, .sa_flags = flags};
  CHECK_OK(sigaction(sig, &act, NULL));
}

int main(void) {
  CHECK_OK(pipe(gate));
  on_signal(SIGUSR1, 0);
  on_signal(SIGUSR2, SA_RESTART);

  for (int i = 0; i < kThreads; i++) start_child(7, -1);
  run(waits_for_any, all_end);
  CHECK_EQ(got_any, kThreads);

  shared = start_child(8, 0);
  for (int i = 1; i < kThreads; i++) start_child(8, shared);
  run(waits_for_group, all_end);

  shared = start_child(9, -1);
  got_any = 0;
  run(waits_for_shared, one_ends);
  CHECK_EQ(got_any, 1);

  shared = start_child(9, -1);
  run(looks_at_shared, one_ends);
  int status;
  CHECK_EQ(waitpid(shared, &status, 0), shared);
  run(follows_a_stop, nothing);

  shared = start_child(9, -1);
  run(is_interrupted, interrupt_all);
  run(waits_until_cancelled, cancel_all);
  open_gate(1);
  CHECK_EQ(waitpid(shared, &status, 0), shared);

  for (int i = 0; i < kThreads; i++) start_child(9, -1);
  run(is_restarted, handle_then_end);
  run(has_no_child, nothing);
  return 0;
}
