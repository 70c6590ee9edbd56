#include "thread/setxid.h"

#include <errno.h>
#include <signal.h>

#include "arch/amd64/fsbase.h"
#include "arch/amd64/signal.h"
#include "base/check.h"
#include "netpoll/file_ring.h"
#include "os/futex.h"
#include "os/syscall.h"

namespace goshim {

namespace {

struct Command {
  long nr;
  long arg[3];
};
// Written under creds_lock before the number that publishes it.
constinit Command command = {};
constinit Atomic<int32_t> failure;  // of any M; relaxed: read when all have answered

// Constant after setxid_init().
constinit KernelSigaction libcs = {};
constinit void* main_tcb = nullptr;

void carry_out(M* mp) {
  const uint32_t seq = creds_seq.load_acquire();  // [creds.seq]
  if (mp->creds.load_relaxed() == seq) return;    // relaxed: our own
  const Command& c = command;
  const long r = os::sys(c.nr, c.arg[0], c.arg[1], c.arg[2]);
  if (r < 0) failure.store_relaxed(static_cast<int32_t>(-r));
  mp->creds.store_release(seq);  // [creds.seq]
  os::futex_wake(mp->creds.raw(), 1);
}

// libc's handler notes in the TCB that its thread has been reached. For main it is called on the first kernel thread,
// which may run anybody's code now.
void for_libc(int sig, siginfo_t* info, void* context) {
  void* now = get_fsbase();
  const bool other = main_tcb != nullptr && now != main_tcb && os::gettid() == os::getpid();
  if (other) set_fsbase(main_tcb);
  libcs.handler(sig, info, context);
  if (other) set_fsbase(now);
}

// All signals are blocked: no other handler sees the TCB of another thread.
void on_setxid(int sig, siginfo_t* info, void* context) {
  if (info->si_code != SI_QUEUE) {
    for_libc(sig, info, context);
  } else if (info->si_pid == os::getpid()) {
    carry_out(static_cast<M*>(info->si_value.sival_ptr));
  }
}

// False: it has no thread (any more).
bool ask(M* mp) {
  const int32_t tid = mp->tid.load_relaxed();  // relaxed: the kernel's answer counts
  if (tid == 0) return false;
  siginfo_t info = {};
  info.si_signo = kSetxidSignal;
  info.si_code = SI_QUEUE;
  info.si_pid = os::getpid();
  info.si_value.sival_ptr = mp;
  const long r = os::sys(SYS_rt_tgsigqueueinfo, os::getpid(), tid, kSetxidSignal, &info);
  return r != -ESRCH;  // -EAGAIN: no room for the signal now; it is sent again
}

void await(M* mp, uint32_t seq) {
  constexpr int64_t kAskAgain = 20'000'000;
  for (;;) {
    const uint32_t done = mp->creds.load_acquire();  // [creds.seq]
    if (done == seq) return;
    if (os::futex_sleep(mp->creds.raw(), done, kAskAgain) == -ETIMEDOUT && !ask(mp)) return;
  }
}

}  // namespace

void setxid_all(long nr, long a, long b, long c) {
  command = {nr, {a, b, c}};
  failure.store_relaxed(0);
  const uint32_t seq = creds_seq.load_relaxed() + 1;  // relaxed: written under the lock
  creds_seq.store_release(seq);                       // [creds.seq]
  const int32_t self = os::gettid();
  M* all;
  {
    MLockGuard g(sched.lock);
    all = sched.allm;
  }
  for (M* mp = all; mp != nullptr; mp = mp->all_link) {
    if (mp->tid.load_relaxed() == self || !ask(mp)) mp->creds.store_relaxed(seq);
  }
  for (M* mp = all; mp != nullptr; mp = mp->all_link) await(mp, seq);
  const int of_ring = file_ring_set_credentials(nr, a, b, c);
  if (of_ring != 0) failure.store_relaxed(of_ring);
  // Threads of one process with different rights are what nobody expects; glibc ends the process too.
  if (failure.load_relaxed() != 0)
    fatal_errno("setxid: a thread could not follow", failure.load_relaxed());
}

void setxid_init(bool is_main) {
  main_tcb = is_main ? get_fsbase() : nullptr;
  KernelSigaction now = {};
  os::sys(SYS_rt_sigaction, kSetxidSignal, nullptr, &now, 8);
  if (now.handler == &on_setxid) return;  // inherited by a fork child
  libcs = now;
  constexpr unsigned long kRestorer = 0x04000000;
  const KernelSigaction act = {&on_setxid, SA_SIGINFO | SA_RESTART | kRestorer, &goshim_sigreturn,
                               ~uint64_t{0}};
  os::sys(SYS_rt_sigaction, kSetxidSignal, &act, nullptr, 8);
}

}  // namespace goshim
