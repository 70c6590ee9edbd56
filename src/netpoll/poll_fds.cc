#include "netpoll/poll_fds.h"

#include <string.h>

#include "netpoll/fd_kind.h"
#include "netpoll/poll_set.h"
#include "os/clock.h"
#include "sched/signals.h"

namespace goshim {

namespace {

constexpr int64_t kForEver = -1;
constexpr size_t kSigsetBytes = 8;  // the kernel's

int64_t ms_to_ns(int ms) { return ms < 0 ? kForEver : static_cast<int64_t>(ms) * 1000000; }
int64_t ts_to_ns(const timespec* ts) { return ts == nullptr ? kForEver : os::to_ns(*ts); }
int64_t deadline_after(int64_t ns) { return ns < 0 ? kNever : deadline_in(ns); }

int64_t left_until(int64_t deadline) {
  if (deadline == kNever) return kForEver;
  int64_t left = deadline - os::nanotime();
  return left > 0 ? left : 0;
}

// The program's mask for the time of a call. Its signals are ours, so the kernel is not asked to
// change any.
template <typename F>
long with_mask(const sigset_t* mask, F f) {
  if (mask == nullptr) return f();
  uint64_t m;
  memcpy(&m, mask, sizeof m);
  const uint64_t old = signal_ops.swap_mask(m);
  long r = f();
  if (r == 0 && act_on_signals() != Delivered::kNothing) r = -EINTR;
  signal_ops.swap_mask(old);
  act_on_signals();
  return r;
}

// Asks without waiting. The kernel says EINTR rather than 0 when an interrupt is on its way.
template <typename Ask>
long ask_now(Ask ask) {
  for (;;) {
    const long r = ask();
    if (r != -EINTR || act_on_signals() != Delivered::kNothing) return r;
  }
}

// ask(): the call with timeout 0. block(ns): the call itself, where nothing can be parked on.
template <typename Ask, typename Block>
long wait_for_set(PollSet& set, WaitReason reason, int64_t deadline, Ask ask, Block block) {
  for (;;) {
    set.snapshot();
    long r = ask_now(ask);
    if (r != 0 || (deadline != kNever && left_until(deadline) == 0)) return r;
    r = set.wait(reason, deadline);
    if (r == -EAGAIN) return ask_now(ask);
    if (r == kBlockM) return block(left_until(deadline));
    if (r < 0) return r;
  }
}

timespec to_timespec(int64_t ns) { return {ns / os::kSecond, ns % os::kSecond}; }

long ppoll_ns(pollfd* fds, nfds_t n, int64_t ns, const sigset_t* mask) {
  timespec ts = to_timespec(ns < 0 ? 0 : ns);
  return block_m(SYS_ppoll, fds, n, ns < 0 ? nullptr : &ts, mask, kSigsetBytes);
}

long sleep_until(WaitReason reason, int64_t deadline) {
  PollSet none(0);
  for (;;) {
    long r = none.wait(reason, deadline);
    if (r == -EAGAIN) return 0;
    if (r < 0) return r;
  }
}

long poll_ns(pollfd* fds, nfds_t n, int64_t ns) {
  auto ask = [&] { return os::sys(SYS_poll, fds, n, 0); };
  if (ns == 0) return ask_now(ask);
  int64_t deadline = deadline_after(ns);
  if (n == 0) return sleep_until(WaitReason::kPoll, deadline);
  if (n > PollSet::kInline) {
    long r = ask_now(ask);  // and checks n against RLIMIT_NOFILE
    if (r != 0) return r;
  }
  PollSet set(n);
  auto block = [&](int64_t left) { return ppoll_ns(fds, n, left, nullptr); };
  if (!set.is_valid()) return block(ns);
  for (nfds_t i = 0; i < n; i++) {
    constexpr short kAlways = POLLERR | POLLHUP;
    if (fds[i].fd >= 0) set.add(fds[i].fd, static_cast<uint16_t>(fds[i].events | kAlways));
  }
  return wait_for_set(set, WaitReason::kPoll, deadline, ask, block);
}

// ---- select ----

constexpr size_t kWordBits = 8 * sizeof(unsigned long);
constexpr size_t kInlineWords = 1024 / kWordBits;

// The three sets of a select call. They are overwritten by each question, so the call keeps what
// was asked for.
struct SelectSets {
  unsigned long* program[3];
  unsigned long asked[3][kInlineWords];
  size_t words;
  int n;

  void save() {
    for (int k = 0; k < 3; k++) {
      if (program[k] != nullptr) memcpy(asked[k], program[k], words * sizeof(unsigned long));
    }
  }
  void restore() {
    for (int k = 0; k < 3; k++) {
      if (program[k] != nullptr) memcpy(program[k], asked[k], words * sizeof(unsigned long));
    }
  }
  long ask() {
    timespec zero = {0, 0};
    return os::sys(SYS_pselect6, n, program[0], program[1], program[2], &zero, nullptr);
  }
  bool is_set(int k, int fd) const {
    size_t i = static_cast<size_t>(fd);
    return program[k] != nullptr && (asked[k][i / kWordBits] >> (i % kWordBits) & 1) != 0;
  }
  uint16_t events_of(int fd) const {
    constexpr int kBits[3] = {POLLIN | POLLRDHUP, POLLOUT, POLLPRI};
    int events = 0;
    for (int k = 0; k < 3; k++) events |= is_set(k, fd) ? kBits[k] : 0;
    return static_cast<uint16_t>(events);
  }
};

GS_NOINLINE long select_park(SelectSets& sets, int64_t deadline) {
  size_t count = 0;
  for (int fd = 0; fd < sets.n; fd++) count += sets.events_of(fd) != 0;
  auto block = [&](int64_t left) {
    sets.restore();
    timespec ts = to_timespec(left < 0 ? 0 : left);
    unsigned long** p = sets.program;
    return block_m(SYS_pselect6, sets.n, p[0], p[1], p[2], left < 0 ? nullptr : &ts, nullptr);
  };
  PollSet set(count);
  if (!set.is_valid()) return block(left_until(deadline));
  for (int fd = 0; fd < sets.n; fd++) {
    uint16_t events = sets.events_of(fd);
    if (events != 0) set.add(fd, static_cast<uint16_t>(events | POLLERR | POLLHUP));
  }
  auto ask = [&] {
    sets.restore();
    return sets.ask();
  };
  const long r = wait_for_set(set, WaitReason::kSelect, deadline, ask, block);
  if (r < 0) sets.restore();
  return r;
}

long select_ns(int n, fd_set* in, fd_set* out, fd_set* ex, int64_t ns) {
  SelectSets sets;
  fd_set* const program[3] = {in, out, ex};
  for (int k = 0; k < 3; k++) sets.program[k] = reinterpret_cast<unsigned long*>(program[k]);
  sets.n = n;
  sets.words = n > 0 ? (static_cast<size_t>(n) + kWordBits - 1) / kWordBits : 0;
  if (n < 0 || ns == 0) return ask_now([&] { return sets.ask(); });
  if (sets.words > kInlineWords) {
    timespec ts = to_timespec(ns < 0 ? 0 : ns);
    return block_m(SYS_pselect6, n, in, out, ex, ns < 0 ? nullptr : &ts, nullptr);
  }
  int64_t deadline = deadline_after(ns);
  sets.save();
  long r = ask_now([&] { return sets.ask(); });
  return r != 0 ? r : select_park(sets, deadline);
}

// ---- epoll ----

long epoll_ns(int epfd, epoll_event* events, int max, int64_t ns) {
  auto ask = [&] { return os::sys(SYS_epoll_pwait, epfd, events, max, 0, nullptr, 0); };
  FdEntry* e = ns == 0 ? nullptr : fd_make(epfd);
  if (e == nullptr) return ask();
  FdOp op(epfd, e, kRead, WaitReason::kEpollWait);
  op.deadline = deadline_after(ns);
  op.is_io = false;
  bool waited = false;
  auto attempt = [&] {
    long r = ask();
    if (r != 0) return r;
    waited = true;
    return long{-EAGAIN};
  };
  long r = fd_retry(op, attempt, [&] {
    int64_t left = left_until(op.deadline);
    int64_t ms = left < 0 ? -1 : (left + 999999) / 1000000;
    return block_m(SYS_epoll_pwait, epfd, events, max, ms, nullptr, 0);
  });
  // An event loop that always finds something never parks: it would run on until sysmon takes its P, after 10 ms.
  if (r > 0 && !waited) goyield_if_queued();
  return r == -EAGAIN ? ask() : r;
}

}  // namespace

long fd_poll(pollfd* fds, nfds_t n, int timeout_ms) {
  return poll_ns(fds, n, ms_to_ns(timeout_ms));
}

long fd_ppoll(pollfd* fds, nfds_t n, const timespec* timeout, const sigset_t* mask) {
  if (!os::valid_timeout(timeout)) return -EINVAL;
  return with_mask(mask, [&] { return poll_ns(fds, n, ts_to_ns(timeout)); });
}

long fd_select(int n, fd_set* in, fd_set* out, fd_set* ex, timeval* timeout) {
  if (timeout == nullptr) return select_ns(n, in, out, ex, kForEver);
  if (timeout->tv_sec < 0 || timeout->tv_usec < 0) return -EINVAL;
  timespec ts = {timeout->tv_sec + timeout->tv_usec / 1000000, timeout->tv_usec % 1000000 * 1000};
  int64_t deadline = deadline_after(os::to_ns(ts));
  long r = select_ns(n, in, out, ex, os::to_ns(ts));
  // Linux tells how much time was left.
  int64_t left = deadline == kNever ? os::to_ns(ts) : left_until(deadline);
  *timeout = {left / os::kSecond, left % os::kSecond / 1000};
  return r;
}

long raw_ppoll(pollfd* fds, nfds_t n, const timespec* timeout, const sigset_t* mask) {
  return ppoll_ns(fds, n, ts_to_ns(timeout), mask);
}

long raw_pselect(int n, fd_set* in, fd_set* out, fd_set* ex, const timespec* timeout,
                 const sigset_t* mask) {
  // The kernel writes the time left into its timespec; the caller's is constant.
  timespec ts = timeout != nullptr ? *timeout : timespec{0, 0};
  struct {
    const sigset_t* set;
    size_t bytes;
  } packed = {mask, kSigsetBytes};
  return block_m(SYS_pselect6, n, in, out, ex, timeout != nullptr ? &ts : nullptr, &packed);
}

long raw_epoll_pwait(int epfd, epoll_event* events, int max, int timeout_ms, const sigset_t* mask) {
  return block_m(SYS_epoll_pwait, epfd, events, max, timeout_ms, mask, kSigsetBytes);
}

long raw_epoll_pwait2(int epfd, epoll_event* events, int max, const timespec* timeout,
                      const sigset_t* mask) {
  return block_m(SYS_epoll_pwait2, epfd, events, max, timeout, mask, kSigsetBytes);
}

long fd_pselect(int n, fd_set* in, fd_set* out, fd_set* ex, const timespec* timeout,
                const sigset_t* mask) {
  if (!os::valid_timeout(timeout)) return -EINVAL;
  return with_mask(mask, [&] { return select_ns(n, in, out, ex, ts_to_ns(timeout)); });
}

long fd_epoll_wait(int epfd, epoll_event* events, int max, int timeout_ms) {
  return epoll_ns(epfd, events, max, ms_to_ns(timeout_ms));
}

long fd_epoll_pwait(int epfd, epoll_event* events, int max, int timeout_ms, const sigset_t* mask) {
  return with_mask(mask, [&] { return fd_epoll_wait(epfd, events, max, timeout_ms); });
}

long fd_epoll_pwait2(int epfd, epoll_event* events, int max, const timespec* timeout,
                     const sigset_t* mask) {
  if (!os::valid_timeout(timeout)) return -EINVAL;
  return with_mask(mask, [&] { return epoll_ns(epfd, events, max, ts_to_ns(timeout)); });
}

}  // namespace goshim
