// What the bodies in kernel_state.cc are written with.
#pragma once

#include <grp.h>

#include "base/debugvars.h"
#include "preload/thread_hooks.h"
#include "sched/sched.h"
#include "thread/setxid.h"

namespace goshim {

constexpr long kSameId = -1;
constexpr unsigned long kAskPersonality = 0xffffffff;

inline bool has_threads() { return !disabled() && started(); }

// Libc's call alone while there is one thread.
template <typename F, typename... A>
int credentials(F by_libc, long nr, A... args) {
  return has_threads() ? set_credentials(by_libc, nr, static_cast<long>(args)...) : by_libc();
}

int init_groups(const char* user, gid_t group);

// The system call with this first argument changes what the kernel keeps for the calling thread alone.
bool changes_thread(long nr, long first);

// Now the calling thread may ask the kernel only for what this filter lets through; nullptr: for nearly nothing.
void seccomp_was_set(const void* filter);

// The header of capget() and capset(), which names a thread by tid: of ours, the one that it runs on.
class CapHeader {
 public:
  explicit CapHeader(void* header);
  void* get() { return used_; }

 private:
  struct {
    uint32_t version;
    int pid;
  } own_;
  void* used_;
};

}  // namespace goshim
