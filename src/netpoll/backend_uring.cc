// Readiness by io_uring: one multishot poll request for each fd.
//
// The user data of a request is (generation << 32 | fd). A request that ends by itself (a
// completion without "more": the ring was full, the M that submitted it has exited) is reported as
// lost and made anew at the next wait. A request holds its file, so closing the last fd does not
// close it: del at every close.
//
// Two locks: one for submitting, one for reaping; the M that blocks in the kernel holds neither.
// wake() writes to an eventfd that has a poll request of its own.
//
// Orders: [uring.wake] as [epoll.wake] in backend_epoll.cc.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/atomic.h"
#include "netpoll/netpoll.h"
#include "os/epoll.h"
#include "os/uring.h"

namespace goshim {

namespace {

constexpr unsigned kEntries = 256;
constexpr uint32_t kInterest = POLLIN | POLLOUT | POLLRDHUP | POLLPRI;
constexpr uint64_t kWakeData = UINT64_MAX;
constexpr uint64_t kRemoveData = UINT64_MAX - 1;
constexpr int kBatch = 32;

constinit MLock submit_lock{LockRank::kBackend};
constinit MLock reap_lock{LockRank::kBackend};
os::Uring uring;  // constant after init, but for the rings, which the two locks guard
constinit Atomic<int> wakefd{-1};
constinit Atomic<uint32_t> wake_pending;  // [uring.wake]

uint64_t pack(int fd, uint32_t gen) {
  return static_cast<uint64_t>(gen) << 32 | static_cast<uint32_t>(fd);
}

int arm_wake() { return os::uring_poll_multishot(uring, wakefd.load_relaxed(), POLLIN, kWakeData); }

int init() {
  int r = os::uring_setup(uring, kEntries);
  if (r < 0) return r;
  os::uring_set_fd(uring, netpoll_move_high(os::uring_fd(uring)));
  int ev = netpoll_move_high(os::eventfd(0));
  if (ev < 0) {
    os::uring_teardown(uring);
    return ev;
  }
  wakefd.store_relaxed(ev);  // published with the backend
  wake_pending.store_relaxed(0);
  MLockGuard guard(submit_lock);
  return arm_wake();
}

int add(int fd, uint32_t gen) {
  MLockGuard guard(submit_lock);
  return os::uring_poll_multishot(uring, fd, kInterest, pack(fd, gen));
}

int rearm(int fd, uint32_t gen) {
  MLockGuard guard(submit_lock);
  os::uring_poll_remove(uring, pack(fd, gen), kRemoveData);
  return os::uring_poll_multishot(uring, fd, kInterest, pack(fd, gen));
}

void del(int fd, uint32_t gen) {
  MLockGuard guard(submit_lock);
  os::uring_poll_remove(uring, pack(fd, gen), kRemoveData);
}

void wake() {
  if (wake_pending.exchange_acq_rel(1) != 0) return;  // [uring.wake]
  uint64_t one = 1;
  os::sys(SYS_write, wakefd.load_relaxed(), &one, sizeof one);
}

void woken(bool more) {
  uint64_t count;
  os::sys(SYS_read, wakefd.load_relaxed(), &count, sizeof count);
  wake_pending.exchange_acq_rel(0);  // [uring.wake]
  if (more) return;
  MLockGuard guard(submit_lock);
  arm_wake();
}

void handle(const os::Completion& c, GList& out) {
  if (c.data == kRemoveData) return;
  if (c.data == kWakeData) {
    woken(c.more);
    return;
  }
  int fd = static_cast<int>(c.data & UINT32_MAX);
  uint32_t gen = static_cast<uint32_t>(c.data >> 32);
  if (c.res > 0) netpoll_event(fd, gen, static_cast<uint32_t>(c.res), out);
  // -ECANCELED with the generation still current: rearm() has already made a new one.
  if (!c.more && c.res != -ECANCELED) netpoll_lost(fd, gen, out);
}

void poll(int64_t delay_ns, GList& out) {
  if (os::uring_overflowed(uring)) os::uring_flush(uring);
  if (delay_ns != 0 && !os::uring_has_completions(uring)) os::uring_wait(uring, delay_ns);
  os::Completion batch[kBatch];
  int n;
  do {
    {
      MLockGuard guard(reap_lock);
      n = os::uring_reap(uring, batch, kBatch);
    }
    for (int i = 0; i < n; i++) handle(batch[i], out);
  } while (n == kBatch);
}

int next_own(int fd) { return netpoll_next_of(fd, os::uring_fd(uring), wakefd.load_relaxed()); }

int move(int fd) {
  long to = os::sys(SYS_fcntl, fd, F_DUPFD_CLOEXEC, fd + 1);
  if (to < 0) return static_cast<int>(to);
  if (fd == os::uring_fd(uring)) {
    os::uring_set_fd(uring, static_cast<int>(to));
  } else {
    wakefd.store_relaxed(static_cast<int>(to));
  }
  return 0;
}

void after_fork_child() {
  submit_lock.reset_after_fork();
  reap_lock.reset_after_fork();
  os::uring_teardown(uring);
  os::sys(SYS_close, wakefd.load_relaxed());
  os::uring_set_fd(uring, -1);
  wakefd.store_relaxed(-1);
}

}  // namespace

const Backend backend_uring = {"uring", true,  &init,     &add,  &rearm,           &del,
                               &poll,   &wake, &next_own, &move, &after_fork_child};

}  // namespace goshim
