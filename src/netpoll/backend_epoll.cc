// Readiness by epoll, edge-triggered; one registration serves both directions.
//
// The data of an event is (generation << 32 | fd). wake() writes to an eventfd that is watched
// level-triggered; the blocking poll() reads it. A write is saved while an earlier one has not been
// seen.
//
// Orders: [epoll.wake] wake() sets the word before it writes -> poll() clears it after it has read
// the eventfd. Both are read-modify-writes, so a wake() that finds it set is followed by a poll()
// that comes back.
#include <fcntl.h>
#include <unistd.h>

#include "base/atomic.h"
#include "netpoll/netpoll.h"
#include "os/epoll.h"

namespace goshim {

namespace {

constexpr uint32_t kInterest = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;
constexpr uint64_t kWakeData = UINT64_MAX;
constexpr int kBatch = 128;
constexpr int kTogether =
    16;  // events whose memory is fetched at once: about what a core can have on its way

constinit Atomic<int> epfd{-1};
constinit Atomic<int> wakefd{-1};
constinit Atomic<uint32_t> wake_pending;  // [epoll.wake]

uint64_t pack(int fd, uint32_t gen) {
  return static_cast<uint64_t>(gen) << 32 | static_cast<uint32_t>(fd);
}

int init() {
  int ep = netpoll_move_high(os::epoll_create());
  if (ep < 0) return ep;
  int ev = netpoll_move_high(os::eventfd(0));
  if (ev < 0) {
    os::sys(SYS_close, ep);
    return ev;
  }
  int r = os::epoll_ctl(ep, EPOLL_CTL_ADD, ev, EPOLLIN, kWakeData);
  if (r < 0) {
    os::sys(SYS_close, ep);
    os::sys(SYS_close, ev);
    return r;
  }
  wake_pending.store_relaxed(0);
  wakefd.store_relaxed(ev);  // published with the backend
  epfd.store_relaxed(ep);
  return 0;
}

int ctl(int op, int fd, uint32_t gen) {
  return os::epoll_ctl(epfd.load_relaxed(), op, fd, kInterest, pack(fd, gen));
}

int add(int fd, uint32_t gen) {
  int r = ctl(EPOLL_CTL_ADD, fd, gen);
  // The file was registered under this number in an earlier life.
  return r == -EEXIST ? ctl(EPOLL_CTL_MOD, fd, gen) : r;
}

int rearm(int fd, uint32_t gen) {
  int r = ctl(EPOLL_CTL_MOD, fd, gen);
  return r == -ENOENT ? ctl(EPOLL_CTL_ADD, fd, gen) : r;
}

void del(int fd, uint32_t gen) { ctl(EPOLL_CTL_DEL, fd, gen); }

void wake() {
  if (wake_pending.exchange_acq_rel(1) != 0) return;  // [epoll.wake]
  uint64_t one = 1;
  os::sys(SYS_write, wakefd.load_relaxed(), &one, sizeof one);
}

void woken() {
  uint64_t count;
  os::sys(SYS_read, wakefd.load_relaxed(), &count, sizeof count);
  wake_pending.exchange_acq_rel(0);  // [epoll.wake]
}

void tell(const epoll_event& event, int64_t delay_ns, GList& out) {
  const uint64_t data = event.data.u64;
  if (data == kWakeData) {
    // A poll() that would not have blocked leaves it to the one that may be blocking.
    if (delay_ns != 0) woken();
    return;
  }
  netpoll_event(static_cast<int>(data & UINT32_MAX), static_cast<uint32_t>(data >> 32),
                event.events, out);
}

// Runs on g0 and sysmon only, whose stacks are not the program's.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wframe-larger-than="
void poll(int64_t delay_ns, GList& out) {
  epoll_event events[kBatch];
  int n = os::epoll_wait_ns(epfd.load_relaxed(), events, kBatch, delay_ns);
  for (int at = 0; at < n; at += kTogether) {
    const int end = at + kTogether < n ? at + kTogether : n;
    uint64_t data[kTogether];
    for (int i = at; i < end; i++) data[i - at] = events[i].data.u64;
    netpoll_prefetch(data, end - at);
    for (int i = at; i < end; i++) tell(events[i], delay_ns, out);
  }
}
#pragma GCC diagnostic pop

int next_own(int fd) { return netpoll_next_of(fd, epfd.load_relaxed(), wakefd.load_relaxed()); }

int move(int fd) {
  long to = os::sys(SYS_fcntl, fd, F_DUPFD_CLOEXEC, fd + 1);
  if (to < 0) return static_cast<int>(to);
  // Whoever blocks in the old number goes on with the same open file.
  (fd == epfd.load_relaxed() ? epfd : wakefd).store_relaxed(static_cast<int>(to));
  return 0;
}

void after_fork_child() {
  os::sys(SYS_close, epfd.load_relaxed());
  os::sys(SYS_close, wakefd.load_relaxed());
  epfd.store_relaxed(-1);
  wakefd.store_relaxed(-1);
}

}  // namespace

int epoll_backend_fd() { return epfd.load_relaxed(); }

const Backend backend_epoll = {"epoll", false, &init,     &add,  &rearm,           &del,
                               &poll,   &wake, &next_own, &move, &after_fork_child};

}  // namespace goshim
