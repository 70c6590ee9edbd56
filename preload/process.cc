// Processes: fork and its kin, exec, spawn, waiting for children.
#include "base/debugvars.h"
#include "netpoll/child_wait.h"
#include "preload/blocking.h"
#include "preload/hook.h"
#include "preload/process_hooks.h"
#include "runtime/fork.h"
#include "sched/sched.h"
#include "thread/signal.h"

using namespace goshim;

// ---- fork ----

// A library that asks for fork handlers: ours comes first in the child, before any program code.
GOSHIM_HOOK(int, __register_atfork)
(void (*prepare)(), void (*parent)(), void (*child)(), void* dso) {
  if (!disabled()) watch_forks();
  return real.__register_atfork(prepare, parent, child, dso);
}

GOSHIM_HOOK(pid_t, _Fork)() {
  const pid_t pid = real._Fork();
  if (pid == 0) runtime_after_fork_child();
  return pid;
}

// The child of a real vfork would run hooks on its parent's G. Before the start there are none: the system call, made
// here because it returns twice.
extern "C" {
int goshim_is_started() { return sched.started.load_acquire() != 0; }  // [sched.started]
pid_t goshim_vfork_forks() { return fork_and_wait(); }
pid_t goshim_vfork_fails(int err) { return result<pid_t>(-err); }
}
__asm__(
    ".text\n"
    ".p2align 4\n"
    ".globl hook_vfork\n"
    ".hidden hook_vfork\n"
    ".type hook_vfork, @function\n"
    "hook_vfork:\n"
    "  subq $8, %rsp\n"
    "  call goshim_is_started\n"
    "  addq $8, %rsp\n"
    "  testl %eax, %eax\n"
    "  jne goshim_vfork_forks\n"
    "  popq %rdi\n"
    "  movl $58, %eax\n"
    "  syscall\n"
    "  pushq %rdi\n"
    "  testl %eax, %eax\n"
    "  js 1f\n"
    "  ret\n"
    "1:\n"
    "  negl %eax\n"
    "  movl %eax, %edi\n"
    "  jmp goshim_vfork_fails\n"
    ".size hook_vfork, . - hook_vfork\n"
    ".globl vfork\n"
    ".set vfork, hook_vfork\n"
    ".globl __vfork\n"
    ".set __vfork, hook_vfork\n");

// Without CLONE_VM the child is a copy of the process with one thread.
GOSHIM_HOOK(int, clone)
(int (*fn)(void*), void* stack, int flags, void* arg, pid_t* ptid, void* tls, pid_t* ctid) {
  CopyStart copy = {fn, arg};
  const bool is_copy = (flags & CLONE_VM) == 0 && fn != nullptr;
  return is_copy ? real.clone(&start_copy, stack, flags, &copy, ptid, tls, ctid)
                 : real.clone(fn, stack, flags, arg, ptid, tls, ctid);
}
GOSHIM_EXPORT_AS(__clone, clone);

// ---- exec ----

GOSHIM_HOOK(int, execve)(const char* path, char* const argv[], char* const envp[]) {
  return with_native_mask([&] { return real.execve(path, argv, envp); });
}

GOSHIM_HOOK(int, execv)(const char* path, char* const argv[]) {
  return with_native_mask([&] { return real.execv(path, argv); });
}

GOSHIM_HOOK(int, execvp)(const char* file, char* const argv[]) {
  return with_native_mask([&] { return real.execvp(file, argv); });
}

GOSHIM_HOOK(int, execvpe)(const char* file, char* const argv[], char* const envp[]) {
  return with_native_mask([&] { return real.execvpe(file, argv, envp); });
}

GOSHIM_HOOK(int, fexecve)(int fd, char* const argv[], char* const envp[]) {
  return with_native_mask([&] { return real.fexecve(fd, argv, envp); });
}

GOSHIM_HOOK(int, execveat)
(int dir, const char* path, char* const argv[], char* const envp[], int flags) {
  return with_native_mask([&] { return real.execveat(dir, path, argv, envp, flags); });
}

// The list forms take their arguments from the stack, so they are variadic here too.
#define COLLECT(first)                                                                             \
  va_list list, again;                                                                             \
  va_start(list, first);                                                                           \
  va_copy(again, list);                                                                            \
  auto** argv = static_cast<char**>(                                                               \
      __builtin_alloca((static_cast<size_t>(count_arguments(first, again)) + 1) * sizeof(char*))); \
  va_end(again);                                                                                   \
  collect_arguments(argv, first, &list)

#define EXPORT_LIST_FORM(name)                                           \
  extern "C" decltype(goshim_##name) goshim_export_##name __asm__(#name) \
      __attribute__((alias("goshim_" #name), visibility("default")))

extern "C" int goshim_execl(const char* path, const char* arg, ...) {
  COLLECT(arg);
  va_end(list);
  return hook_execv(path, argv);
}
EXPORT_LIST_FORM(execl);

extern "C" int goshim_execlp(const char* file, const char* arg, ...) {
  COLLECT(arg);
  va_end(list);
  return hook_execvp(file, argv);
}
EXPORT_LIST_FORM(execlp);

extern "C" int goshim_execle(const char* path, const char* arg, ...) {
  COLLECT(arg);
  auto** envp = va_arg(list, char**);
  va_end(list);
  return hook_execve(path, argv, envp);
}
EXPORT_LIST_FORM(execle);

// ---- spawn ----

GOSHIM_HOOK(int, posix_spawn)
(pid_t* pid, const char* path, const posix_spawn_file_actions_t* actions,
 const posix_spawnattr_t* attr, char* const argv[], char* const envp[]) {
  return spawn(real.posix_spawn, pid, path, actions, attr, argv, envp);
}

GOSHIM_HOOK(int, posix_spawnp)
(pid_t* pid, const char* file, const posix_spawn_file_actions_t* actions,
 const posix_spawnattr_t* attr, char* const argv[], char* const envp[]) {
  return spawn(real.posix_spawnp, pid, file, actions, attr, argv, envp);
}

// The result is a descriptor of the child.
GOSHIM_HOOK(int, pidfd_spawn)
(int* pidfd, const char* path, const posix_spawn_file_actions_t* actions,
 const posix_spawnattr_t* attr, char* const argv[], char* const envp[]) {
  const int err = spawn(real.pidfd_spawn, pidfd, path, actions, attr, argv, envp);
  return err < 0 ? ENOSYS : err;
}

GOSHIM_HOOK(int, pidfd_spawnp)
(int* pidfd, const char* file, const posix_spawn_file_actions_t* actions,
 const posix_spawnattr_t* attr, char* const argv[], char* const envp[]) {
  const int err = spawn(real.pidfd_spawnp, pidfd, file, actions, attr, argv, envp);
  return err < 0 ? ENOSYS : err;
}

GOSHIM_HOOK(int, system)(const char* command) {
  if (signal_g() == nullptr) return real.system(command);
  return run_shell(command);
}

GOSHIM_HOOK(FILE*, popen)(const char* command, const char* mode) {
  return with_native_mask([&] { return real.popen(command, mode); });
}

// ---- waiting for children ----

GOSHIM_HOOK(pid_t, wait)(int* status) {
  if (signal_g() == nullptr) return real.wait(status);
  return result<pid_t>(child_wait4(-1, status, 0, nullptr));
}
GOSHIM_EXPORT_AS(__wait, wait);

GOSHIM_HOOK(pid_t, waitpid)(pid_t pid, int* status, int flags) {
  if (signal_g() == nullptr) return real.waitpid(pid, status, flags);
  return result<pid_t>(child_wait4(pid, status, flags, nullptr));
}
GOSHIM_EXPORT_AS(__waitpid, waitpid);

GOSHIM_HOOK(pid_t, wait3)(int* status, int flags, struct rusage* usage) {
  if (signal_g() == nullptr) return real.wait3(status, flags, usage);
  return result<pid_t>(child_wait4(-1, status, flags, usage));
}

GOSHIM_HOOK(pid_t, wait4)(pid_t pid, int* status, int flags, struct rusage* usage) {
  if (signal_g() == nullptr) return elsewhere(&Real::wait4, SYS_wait4, pid, status, flags, usage);
  return result<pid_t>(child_wait4(pid, status, flags, usage));
}

GOSHIM_HOOK(int, waitid)(idtype_t type, id_t id, siginfo_t* info, int flags) {
  if (signal_g() == nullptr) return elsewhere(&Real::waitid, SYS_waitid, type, id, info, flags);
  return result<int>(child_waitid(type, id, info, flags, nullptr));
}
