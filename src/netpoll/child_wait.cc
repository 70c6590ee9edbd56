#include "netpoll/child_wait.h"

#include <limits.h>

#include "netpoll/file_ring.h"
#include "os/syscall.h"
#include "sched/signals.h"
#include "sched/syscall.h"

namespace goshim {

namespace {

// So many Ms may wait for children at once. Alone, an M is sooner done.
constexpr int32_t kWaitingMs = 4;
constexpr long kNothingYet = LONG_MIN;

constinit Atomic<int32_t> waiting;

// What is waited for, in the words of waitid.
struct Children {
  int type;
  uint32_t id;
  int flags;

  // The ring's thread is no child's parent, and a descriptor may be another by then.
  bool ring_can() const { return (flags & __WNOTHREAD) == 0 && type <= P_PGID; }
};

// Waits once: the call's result, or kNothingYet when it is to be asked again.
template <typename Call>
long wait_once(const Children& c, Call call) {
  const bool are_few = waiting.fetch_add_relaxed(1) < kWaitingMs;
  long r = are_few || !c.ring_can()
               ? kNoRing
               : file_ring_wait_child(c.type, c.id, static_cast<uint32_t>(c.flags));
  if (r == kNoRing) {
    r = blocking([&] { return call(0); }, true);
  } else if (r == 0) {
    r = kNothingYet;
  }
  waiting.fetch_sub_relaxed(1);
  return r;
}

// call(more) is the system call with more flags; ask() the same with WNOHANG.
template <typename Ask, typename Call>
long wait_for(const Children& c, Ask ask, Call call) {
  call_begins();
  long r = ask();
  while (r == kNothingYet) {
    r = wait_once(c, call);
    if (r == -EINTR) {
      check_cancel();
      if (!deliver_signals()) return r;
      r = kNothingYet;
    } else {
      // A signal that came before the child's end is handled before the call comes back.
      act_on_signals();
    }
    if (r == kNothingYet) r = ask();
  }
  return r;
}

Children children_of(pid_t pid, int flags) {
  const int how = flags | WEXITED;
  if (pid > 0) return {P_PID, static_cast<uint32_t>(pid), how};
  if (pid == -1) return {P_ALL, 0, how};
  return {P_PGID, 0u - static_cast<uint32_t>(pid), how};
}

}  // namespace

long child_wait4(pid_t pid, int* status, int flags, rusage* usage) {
  const auto call = [&](int more) { return os::sys(SYS_wait4, pid, status, flags | more, usage); };
  const auto ask = [&] {
    const long r = call(WNOHANG);
    return r != 0 || (flags & WNOHANG) != 0 ? r : kNothingYet;
  };
  return wait_for(children_of(pid, flags), ask, call);
}

long child_waitid(int type, id_t id, siginfo_t* info, int flags, rusage* usage) {
  siginfo_t own;
  siginfo_t* const to = info != nullptr ? info : &own;
  const auto call = [&](int more) {
    return os::sys(SYS_waitid, type, id, to, flags | more, usage);
  };
  const auto ask = [&] {
    const long r = call(WNOHANG);
    return r != 0 || (flags & WNOHANG) != 0 || to->si_pid != 0 ? r : kNothingYet;
  };
  return wait_for({type, id, flags}, ask, call);
}

void child_wait_after_fork_child() { waiting.store_relaxed(0); }

}  // namespace goshim
