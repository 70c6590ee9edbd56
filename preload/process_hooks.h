// What the bodies in process.cc are written with.
#pragma once

#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/wait.h>

namespace goshim {

// Has libc call us first of all in fork children. Once; early.
void watch_forks();

// fork whose parent waits until the child execs or ends.
pid_t fork_and_wait();

// The child of clone() that has its own copy of our memory, and so of this, which is on its parent's stack.
struct CopyStart {
  int (*fn)(void*);
  void* arg;
};
int start_copy(void* copy_start);

// Runs f() with the calling G's own signal mask in the kernel, for a new program to inherit.
template <typename F>
auto with_native_mask(F f);

using Spawn = int (*)(pid_t*, const char*, const posix_spawn_file_actions_t*,
                      const posix_spawnattr_t*, char* const*, char* const*);
int spawn(Spawn fn, pid_t* pid, const char* path, const posix_spawn_file_actions_t* actions,
          const posix_spawnattr_t* attr, char* const* argv, char* const* envp);

int run_shell(const char* command);  // system()

// The arguments of execl and its kin as a vector: `first` and what follows up to a null.
int count_arguments(const char* first, va_list more);
void collect_arguments(char** argv, const char* first, va_list* more);

// See above.
struct NativeMask {
  NativeMask();
  ~NativeMask();
};
template <typename F>
auto with_native_mask(F f) {
  NativeMask native;
  return f();
}

}  // namespace goshim
