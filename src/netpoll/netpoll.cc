// The portable half of the poller: start, registration, events, and the sweep.
//
// The sweep is the safety net under "registered": an fd closed and opened again without any hook
// seeing either would wait for events that nobody reports. Once a second, and less and less often
// while the same Gs wait, it has the backend verify fds that Gs have been waiting for since the last
// one; a lost registration is made anew and readiness reported again. Such a wait is then late, never for ever.
// (Rejected: a deadline on each park; it costs every request two heap operations.)
//
// Orders: [netpoll.backend] netpoll_ready releases the backend after its init -> users acquire the
// pointer.
#include "netpoll/netpoll.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>

#include "base/debugvars.h"
#include "base/log.h"
#include "base/perturb.h"
#include "netpoll/child_wait.h"
#include "netpoll/file_ring.h"
#include "netpoll/file_sync.h"
#include "os/clock.h"
#include "os/syscall.h"
#include "sched/poller.h"
#include "sched/timer.h"

namespace goshim {

namespace {

constexpr int64_t kSweepFirst = os::kSecond;
constexpr int64_t kSweepLast = 32 * os::kSecond;

constinit MLock init_lock{LockRank::kFdTable};
constinit Atomic<const Backend*> backend;  // [netpoll.backend]
constinit Timer sweep_timer;
constinit Poller without_fds = {};   // what the scheduler had before
int64_t sweep_period = kSweepFirst;  // the sweep itself only; it never runs twice at once

// Verified at the 2nd, 4th, 8th, ... sweep of one wait. Not at the first: ten thousand Gs that wait for a moment each would
// cost as many system calls a second.
bool is_due(uint8_t sweeps) { return sweeps > 1 && (sweeps & (sweeps - 1)) == 0; }

// True if somebody has begun to wait on e since the last sweep.
bool sweep_entry(const Backend* b, int fd, FdEntry* e, GList& out) {
  PollDesc& pd = e->pd;
  MLockGuard guard(pd.lock);
  if (pd.waiters[kRead].is_empty() && pd.waiters[kWrite].is_empty() && pd.pollers.is_empty()) {
    return false;
  }
  bool fresh = pd.sweeps == 0;
  if (pd.sweeps < UINT8_MAX) pd.sweeps++;
  if (!pd.registered || !is_due(pd.sweeps)) return fresh;
  // The number belongs to another file now, or to none: the wait cannot end by an event.
  if (b->rearm(fd, e->gen.load_relaxed()) != 0) pd_wake_all_locked(pd, Wake::kUnparked, out);
  return fresh;
}

void sweep(const Due*, int) {
  const Backend* b = netpoll_backend();
  if (b == nullptr) return;
  GList woken;
  bool fresh = false;
  fd_for_each([&](int fd, FdEntry* e) { fresh |= sweep_entry(b, fd, e, woken); });
  goready_all(woken);
  sweep_period = fresh ? kSweepFirst : sweep_period * 2;
  if (sweep_period > kSweepLast) sweep_period = kSweepLast;
  sweep_timer.when = os::nanotime() + sweep_period;
  timer_add(&sweep_timer);
}

void start_sweep() {
  sweep_period = kSweepFirst;
  sweep_timer.fn = &sweep;
  sweep_timer.when = os::nanotime() + sweep_period;
  timer_add(&sweep_timer);
}

const Backend* choose() {
  if (options.netpoll == NetpollKind::kUring) {
    int err = backend_uring.init();
    if (err == 0) return &backend_uring;
    if (log_verbose()) Log() << "io_uring: error " << -err << ", using epoll";
  }
  int err = backend_epoll.init();
  if (err == 0) return &backend_epoll;
  if (log_verbose()) Log() << "epoll: error " << -err << ", waits for fds will block threads";
  return nullptr;
}

}  // namespace

const Backend* netpoll_backend() { return backend.load_acquire(); }  // [netpoll.backend]

int netpoll_timers() {
  return sweep_timer.heap.load_relaxed() != nullptr ? 1 : 0;
}  // relaxed: a hint

bool netpoll_ready() {
  if (GS_LIKELY(netpoll_backend() != nullptr)) return true;
  MLockGuard guard(init_lock);
  if (netpoll_backend() != nullptr) return true;
  const Backend* b = choose();
  if (b == nullptr) return false;
  backend.store_release(b);  // [netpoll.backend]
  without_fds = poller;
  poller.poll = b->poll;
  poller.wake = b->wake;
  poller_ready();
  start_sweep();
  return true;
}

int netpoll_register_locked(int fd, FdEntry* e) {
  if (e->has(FdEntry::kNoPoll)) return -EPERM;
  const Backend* b = netpoll_backend();
  uint32_t gen = e->gen.load_relaxed();
  int r;
  if (!e->pd.registered) {
    r = b->add(fd, gen);
  } else if (!e->has(FdEntry::kBorn)) {
    r = b->rearm(fd, gen);
  } else {
    return 0;
  }
  e->pd.registered = r == 0;
  if (r == -EPERM || r == -ELOOP || r == -EINVAL) {
    e->set(FdEntry::kNoPoll);
    return -EPERM;
  }
  return r;
}

namespace {

template <typename F>
void for_each_entry(const uint64_t* data, int n, F f) {
  for (int i = 0; i < n; i++) {
    const FdEntry* e = fd_find(static_cast<int>(data[i] & UINT32_MAX));
    if (e != nullptr) f(e);
  }
}

}  // namespace

// Reads without the lock what may change: then it is a useless prefetch. A G may be gone, but its memory is always a G's.
// A page of a stack that has gone cold takes a walk through the page tables, of which a CPU can make several at once: so
// the pages of all these Gs are asked for here, and not by each G for the next one.
void netpoll_prefetch(const uint64_t* data, int n) {
  for_each_entry(data, n, [](const FdEntry* e) {
    __builtin_prefetch(e, 1);
    __builtin_prefetch(reinterpret_cast<const char*>(e) + 64);
  });
  for_each_entry(data, n, [](const FdEntry* e) GS_NO_TSAN GS_NO_TSA {
    __builtin_prefetch(e->pd.waiters[kRead].front_hint());
    __builtin_prefetch(e->pd.lone_reader.load_relaxed(), 1);  // relaxed: a hint
  });
  for_each_entry(data, n, [](const FdEntry* e) GS_NO_TSAN {
    const G* gp = e->pd.lone_reader.load_relaxed();  // relaxed: as above
    if (gp != nullptr) __builtin_prefetch(gp->tcb);
  });
}

void netpoll_event(int fd, uint32_t gen, uint32_t events, GList& out) {
  FdEntry* e = fd_find(fd);
  if (e == nullptr) return;
  constexpr uint32_t kEnds = POLLRDHUP | POLLHUP | POLLERR | POLLPRI;
  GS_PERTURB("netpoll.before_event");
  MLockGuard guard(e->pd.lock);
  if (e->gen.load_relaxed() != gen) return;  // of an earlier life
  // Before the edge is counted: whoever sees the edge sees this too.
  if ((events & kEnds) != 0) e->set(FdEntry::kNoGuess);
  pd_event_locked(e->pd, events, out);
}

void netpoll_lost(int fd, uint32_t gen, GList& out) {
  FdEntry* e = fd_find(fd);
  if (e == nullptr) return;
  MLockGuard guard(e->pd.lock);
  if (e->gen.load_relaxed() != gen) return;
  e->pd.registered = false;
  pd_wake_all_locked(e->pd, Wake::kUnparked, out);
}

int netpoll_move_high(int fd) {
  if (fd < 0) return fd;
  rlimit lim = {};
  os::sys(SYS_prlimit64, 0, RLIMIT_NOFILE, nullptr, &lim);
  // Below 1,024: a table for higher numbers costs the kernel memory, and each fork a copy of it.
  long top = lim.rlim_cur < 1024 ? static_cast<long>(lim.rlim_cur) : 1024;
  long high = top > 32 ? os::sys(SYS_fcntl, fd, F_DUPFD_CLOEXEC, top - 16) : -EINVAL;
  if (high < 0) return fd;
  os::sys(SYS_close, fd);
  return static_cast<int>(high);
}

int netpoll_next_own(int fd) {
  const Backend* b = netpoll_backend();
  if (GS_LIKELY(b == nullptr)) return -1;
  return netpoll_next_of(fd, b->next_own(fd), file_ring_next_own(fd));
}

int netpoll_move(int fd) {
  if (!netpoll_owns(fd)) return 0;
  return file_ring_next_own(fd) == fd ? file_ring_move(fd) : netpoll_backend()->move(fd);
}

void netpoll_after_fork_child() {
  init_lock.reset_after_fork();
  fd_table_after_fork_child();
  file_ring_after_fork_child();
  file_sync_after_fork_child();
  child_wait_after_fork_child();
  const Backend* b = netpoll_backend();
  if (b != nullptr) {
    b->after_fork_child();
    poller = without_fds;
  }
  backend.store_relaxed(nullptr);  // alone: nobody to order with
  sweep_timer.heap.store_relaxed(nullptr);
  sweep_timer.index = -1;
}

}  // namespace goshim
