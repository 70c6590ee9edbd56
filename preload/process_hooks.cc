#include "preload/process_hooks.h"

#include <paths.h>

#include "arch/amd64/fsbase.h"
#include "arch/amd64/tcb.h"
#include "base/mlock.h"
#include "os/syscall.h"
#include "preload/blocking.h"
#include "preload/signal_hooks.h"
#include "runtime/fork.h"
#include "sched/tls.h"
#include "thread/signal.h"
#include "thread/thread.h"

extern "C" void* __dso_handle;

namespace goshim {

namespace {

Atomic<uint32_t> watching;

// SIGINT and SIGQUIT are ignored while any thread is in system().
constinit MLock shell_lock{LockRank::kThread};
constinit int shells GS_GUARDED_BY(shell_lock) = 0;
struct sigaction saved_int, saved_quit;

void shell_begins() {
  MLockGuard g(shell_lock);
  if (shells++ > 0) return;
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGINT, &ignore, &saved_int);
  sigaction(SIGQUIT, &ignore, &saved_quit);
}

void shell_ends() {
  MLockGuard g(shell_lock);
  if (--shells > 0) return;
  sigaction(SIGINT, &saved_int, nullptr);
  sigaction(SIGQUIT, &saved_quit, nullptr);
}

// What the shell is to start with: the caller's mask, and SIGINT and SIGQUIT unless they were ignored.
void shell_attr(posix_spawnattr_t* attr, uint64_t mask) {
  sigset_t set, dfl;
  from_mask(&set, mask);
  sigemptyset(&dfl);
  if (saved_int.sa_handler != SIG_IGN) sigaddset(&dfl, SIGINT);
  if (saved_quit.sa_handler != SIG_IGN) sigaddset(&dfl, SIGQUIT);
  posix_spawnattr_init(attr);
  posix_spawnattr_setsigmask(attr, &set);
  posix_spawnattr_setsigdefault(attr, &dfl);
  posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

// Runs the command and waits for it: the wait status.
int shell(const char* command, uint64_t mask) {
  constexpr int kNoShell = 127 << 8;
  posix_spawnattr_t attr;
  shell_attr(&attr, mask);
  const char* argv[] = {"sh", "-c", "--", command, nullptr};
  pid_t pid = 0;
  const int err =
      real.posix_spawn(&pid, _PATH_BSHELL, nullptr, &attr, const_cast<char**>(argv), environ);
  posix_spawnattr_destroy(&attr);
  if (err != 0) return kNoShell;
  int status = 0;
  long r;
  do {
    r = blocking([&] { return os::sys(SYS_wait4, pid, &status, 0, nullptr); }, true);
  } while (r == -EINTR);
  return r == pid ? status : static_cast<int>(r);
}

}  // namespace

void watch_forks() {
  if (watching.exchange_relaxed(1) != 0) return;
  real.__register_atfork(nullptr, nullptr, &runtime_after_fork_child, &__dso_handle);
}

pid_t fork_and_wait() {
  constexpr unsigned long kFlags =
      CLONE_VFORK | CLONE_CHILD_SETTID | static_cast<unsigned long>(SIGCHLD);
  char* tid = static_cast<char*>(get_fsbase()) + tcb_tid_offset;
  const long pid = os::sys(SYS_clone, kFlags, nullptr, nullptr, tid, nullptr);
  if (pid == 0) runtime_after_fork_child();
  return result<pid_t>(pid);
}

int start_copy(void* p) {
  const CopyStart copy = *static_cast<CopyStart*>(p);
  runtime_after_fork_child();
  const int status = copy.fn(copy.arg);
  // Libc would end the kernel thread, beside which ours go on.
  if (signal_g() != nullptr) thread_exit_plain(status);
  return status;
}

NativeMask::NativeMask() {
  G* gp = signal_g();
  if (gp == nullptr) return;
  gp->sig.native = true;
  sig_env_update(gp);
}

NativeMask::~NativeMask() {
  G* gp = signal_g();
  if (gp == nullptr) return;
  gp->sig.native = false;
  sig_env_update(gp);
  act_on_signals();
}

int spawn(Spawn fn, pid_t* pid, const char* path, const posix_spawn_file_actions_t* actions,
          const posix_spawnattr_t* attr, char* const* argv, char* const* envp) {
  G* gp = signal_g();
  if (gp == nullptr) return fn(pid, path, actions, attr, argv, envp);
  posix_spawnattr_t ours;
  if (attr != nullptr) {
    ours = *attr;
  } else {
    posix_spawnattr_init(&ours);
  }
  short flags = 0;
  posix_spawnattr_getflags(&ours, &flags);
  if ((flags & POSIX_SPAWN_SETSIGMASK) == 0) {
    sigset_t mask;
    from_mask(&mask, gp->sig.mask.load_relaxed());  // relaxed: our own
    posix_spawnattr_setsigmask(&ours, &mask);
    posix_spawnattr_setflags(&ours, static_cast<short>(flags | POSIX_SPAWN_SETSIGMASK));
  }
  return fn(pid, path, actions, &ours, argv, envp);
}

int run_shell(const char* command) {
  G* gp = signal_g();
  const uint64_t mask = gp->sig.mask.load_relaxed();  // relaxed: our own
  check_cancel();
  sigmask_set(gp, mask | sig_bit(SIGCHLD));
  shell_begins();
  const int status = shell(command != nullptr ? command : "exit 0", mask);
  shell_ends();
  sigmask_set(gp, mask);
  act_on_signals();
  return command != nullptr ? result<int>(status) : status == 0;
}

int count_arguments(const char* first, va_list more) {
  int n = 0;
  for (const char* a = first; a != nullptr; a = va_arg(more, const char*)) n++;
  return n;
}

void collect_arguments(char** argv, const char* first, va_list* more) {
  for (const char* a = first; a != nullptr; a = va_arg(*more, const char*))
    *argv++ = const_cast<char*>(a);
  *argv = nullptr;
}

}  // namespace goshim
