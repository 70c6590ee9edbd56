#include "runtime/fork.h"

#include <sys/mman.h>

#include "chan/alloc.h"
#include "chan/gotimer.h"
#include "netpoll/netpoll.h"
#include "os/memory.h"
#include "os/syscall.h"
#include "runtime/runtime.h"
#include "sched/sched.h"
#include "sched/tls.h"
#include "sync/parking_lot.h"
#include "thread/signal.h"
#include "thread/thread.h"
#include "thread/wiring.h"

namespace goshim {

namespace {

// A page that reads 1 in the process that started the runtime and 0 in every copy of it. Null: not
// to be had.
constinit uint32_t* alive = nullptr;

}  // namespace

void fork_watch_start() {
  if (alive == nullptr) {
    void* page = os::map_pages(os::kPage);
    if (page == nullptr) return;
    if (os::sys(SYS_madvise, page, os::kPage, MADV_WIPEONFORK) != 0) {
      os::unmap(page, os::kPage);
      return;
    }
    alive = static_cast<uint32_t*>(page);
  }
  *alive = 1;
}

bool fork_unseen() { return alive != nullptr && *alive == 0; }

void runtime_after_fork_child() {
  if (!runtime_forget()) return;
  const G* self = signal_g();
  const bool had_signals = self != nullptr;
  const uint64_t mask = had_signals ? self->sig.mask.load_relaxed() : 0;  // relaxed: our own
  netpoll_after_fork_child();
  sync::lot_reset_after_fork();
  wiring_after_fork_child();
  thread_after_fork_child();
  chan::alloc_after_fork_child();
  chan::gotimer_after_fork_child();
  signals_after_fork_child();
  sched_after_fork_child();
  tls_g = nullptr;
  // Last: from here on the kernel's mask is the program's.
  if (had_signals) os::sys(SYS_rt_sigprocmask, SIG_SETMASK, &mask, nullptr, 8);
}

}  // namespace goshim
