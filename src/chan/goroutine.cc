#include "chan/goroutine.h"

#include "arch/amd64/tcb.h"
#include "base/debugvars.h"
#include "chan/gotimer.h"
#include "chan/hchan.h"
#include "os/clock.h"
#include "os/memory.h"
#include "sched/sched.h"
#include "sched/signals.h"
#include "sched/tls.h"
#include "thread/thread.h"

namespace goshim::chan {

namespace {

// Eight of them in the reach of one page-table page, and more than most functions written for 8 MB use.
constexpr size_t kStackSize = 256 << 10;

// Threads that the runtime does not count because it could not start; main is one.
constinit Atomic<int> kernel_threads{1};

// A slot holds guard and static TLS too. Of a default size they take a few percent, unless the program has much TLS.
size_t slot_size(size_t asked) {
  const size_t extra = os::kPage + tls_block_size();
  if (asked != 0) return asked + extra;
  const size_t size =
      options.stack_size != 0 ? static_cast<size_t>(options.stack_size) : kStackSize;
  return extra > size / 8 ? size + extra : size;
}

}  // namespace

int go(void (*fn)(void*), void* arg, const char* name, size_t stack_size) {
  if (!started() && (ops.start == nullptr || !ops.start())) {
    kernel_threads.fetch_add_relaxed(1);
    const int err = ops.kernel_thread(fn, arg, stack_size);
    if (err != 0) kernel_thread_ended();
    return err;
  }
  ThreadAttr attr = {};
  attr.stack_size = slot_size(stack_size);
  attr.guard_size = os::kPage;
  attr.detached = true;
  attr.name = name;
  void* id;
  // What fn leaves in the register of a result is never looked at: the thread is detached.
  return thread_create(&id, attr, reinterpret_cast<void* (*)(void*)>(reinterpret_cast<void*>(fn)),
                       arg);
}

void kernel_thread_ended() { kernel_threads.fetch_sub_relaxed(1); }

uint64_t goid() {
  // The first thread is main, also before it is a goroutine and where it never becomes one.
  if (!started() && os::gettid() == os::getpid()) return 1;
  const G* gp = getg();
  return gp != nullptr ? gp->goid : foreign_g()->goid;
}

int num_goroutine() {
  return started() ? sched.gcount.load_relaxed() - system_goroutines()
                   : kernel_threads.load_relaxed();
}

int gomaxprocs(int n) {
  if (n < 1) return started() ? sched.gomaxprocs.load_relaxed() : procs_wanted();
  if (started() || (ops.start != nullptr && ops.start())) return procresize(n);
  // Kernel threads: nobody to tell. Should the runtime start after all, it will be right.
  const int was = procs_wanted();
  set_procs_wanted(n);
  return was;
}

void lock_os_thread() {
  if (!started() || getg() == nullptr) return;
  G* gp = getg();
  if (gp->kind == GKind::kForeign || gp->os_thread_locks++ > 0) return;
  if (gp->kind != GKind::kNormal) return;
  wire_self();
  gp->wired_by_lock = true;
}

void unlock_os_thread() {
  G* gp = getg();
  if (gp == nullptr || gp->os_thread_locks == 0 || --gp->os_thread_locks > 0) return;
  if (gp->wired_by_lock) unwire_self();
}

void gosleep_for(int64_t ns) {
  if (ns <= 0) return;
  const int64_t deadline = deadline_in(ns);
  while (os::nanotime() < deadline) {
    const Ticket t = chan_park_prepare();
    if (gopark(t, WaitReason::kGoSleep, deadline) == Wake::kSignal) act_on_signals();
  }
}

}  // namespace goshim::chan
