// Readiness of connected stream sockets by io_uring: one multishot poll request for each. Everything
// else, and wake(), goes through the epoll backend, whose epoll fd the blocking M watches beside the
// ring.
//
// Why not everything: a request holds its file until the M that made it next enters the kernel, so
// close() would be late. For a connection that delays the FIN a little. But a listener that seems to
// live on takes connections that nobody will answer, any socket keeps its address from the next
// bind(), and a FIFO loses data.
//
// The user data of a request is (generation << 32 | fd). A request that ends by itself (a
// completion without "more": the ring was full, the M that submitted it has exited) is reported as
// lost and made anew at the next wait.
//
// Two locks: one for submitting, one for reaping; the M that blocks holds neither. It blocks in
// poll(2), on both fds. (Rejected: io_uring_enter to wait and a poll request for wake(). Its
// completion can be taken by a poll() that does not block, between the last look at the ring of the
// one that does and its going to sleep.)
#include <fcntl.h>
#include <poll.h>

#include "base/atomic.h"
#include "netpoll/fd_kind.h"
#include "netpoll/netpoll.h"
#include "os/uring.h"

namespace goshim {

namespace {

constexpr unsigned kEntries = 256;
constexpr uint32_t kInterest = POLLIN | POLLOUT | POLLRDHUP | POLLPRI;
// Set in the data of a request to remove the poll request whose data is the rest.
constexpr uint64_t kRemove = uint64_t{1} << 31;
constexpr int kBatch = 32;

constinit MLock submit_lock{LockRank::kBackend};
constinit MLock reap_lock{LockRank::kBackend};
os::Uring uring;  // constant after init, but for the rings, which the two locks guard
constinit Atomic<uint32_t> others;  // registrations that went to epoll; a hint

uint64_t pack(int fd, uint32_t gen) {
  return static_cast<uint64_t>(gen) << 32 | static_cast<uint32_t>(fd);
}

bool is_ours(int fd) {
  FdEntry* e = fd_find(fd);
  return e != nullptr && e->has(FdEntry::kInRing);
}

bool is_connection(int fd, FdKind kind) {
  if (!is_stream(kind) && kind != FdKind::kSeqpacket) return false;
  sockaddr_storage peer;
  socklen_t n = sizeof peer;
  return os::sys(SYS_getpeername, fd, &peer, &n) == 0;
}

// A new registration: which way it goes for as long as it lasts.
bool take(int fd) {
  FdEntry* e = fd_find(fd);
  if (e == nullptr) return false;
  e->clear(FdEntry::kInRing);
  if (!is_connection(fd, e->kind.load_relaxed())) return false;
  e->set(FdEntry::kInRing);
  return true;
}

int init() {
  int r = backend_epoll.init();
  if (r < 0) return r;
  r = os::uring_setup(uring, kEntries);
  if (r < 0) {
    backend_epoll.after_fork_child();  // closes what init made
    return r;
  }
  os::uring_set_fd(uring, netpoll_move_high(os::uring_fd(uring)));
  return 0;
}

void remove(uint64_t data) GS_REQUIRES(submit_lock) {
  os::uring_poll_remove(uring, data, data | kRemove);
}

int add(int fd, uint32_t gen) {
  if (!take(fd)) {
    others.store_relaxed(1);
    return backend_epoll.add(fd, gen);
  }
  MLockGuard guard(submit_lock);
  return os::uring_poll_multishot(uring, fd, kInterest, pack(fd, gen));
}

int rearm(int fd, uint32_t gen) {
  if (!is_ours(fd)) return backend_epoll.rearm(fd, gen);
  {
    MLockGuard guard(submit_lock);
    remove(pack(fd, gen));
  }
  return add(fd, gen);  // the number may be another file's by now
}

void del(int fd, uint32_t gen) {
  if (!is_ours(fd)) {
    backend_epoll.del(fd, gen);
    return;
  }
  MLockGuard guard(submit_lock);
  remove(pack(fd, gen));
}

void wake() { backend_epoll.wake(); }

// Sleeps until there is a completion, epoll has something (a wake() too), or the time is up.
void block(int64_t ns, GList& out) {
  pollfd p[2] = {{os::uring_fd(uring), POLLIN, 0}, {epoll_backend_fd(), POLLIN, 0}};
  timespec ts = {ns / 1000000000, ns % 1000000000};
  os::sys(SYS_ppoll, p, 2, ns < 0 ? nullptr : &ts, nullptr, 0);
  if (p[1].revents != 0) backend_epoll.poll(1, out);
}

void handle(const os::Completion& c, GList& out) {
  if ((c.data & kRemove) != 0) {
    // It was reporting just then: it goes on, and with it the life of its file.
    MLockGuard guard(submit_lock);
    if (c.res == -EALREADY) remove(c.data & ~kRemove);
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
  if (delay_ns != 0 && !os::uring_has_completions(uring)) {
    block(delay_ns, out);
  } else if (others.load_relaxed() != 0) {
    backend_epoll.poll(0, out);
  }
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

int next_own(int fd) {
  int ring = os::uring_fd(uring);
  int other = backend_epoll.next_own(fd);
  return netpoll_next_of(fd, ring, other);
}

int move(int fd) {
  if (fd != os::uring_fd(uring)) return backend_epoll.move(fd);
  long to = os::sys(SYS_fcntl, fd, F_DUPFD_CLOEXEC, fd + 1);
  if (to < 0) return static_cast<int>(to);
  os::uring_set_fd(uring, static_cast<int>(to));
  return 0;
}

void after_fork_child() {
  submit_lock.reset_after_fork();
  reap_lock.reset_after_fork();
  backend_epoll.after_fork_child();
  os::uring_teardown(uring);
  os::uring_set_fd(uring, -1);
}

}  // namespace

const Backend backend_uring = {"uring", true,  &init,     &add,  &rearm,           &del,
                               &poll,   &wake, &next_own, &move, &after_fork_child};

}  // namespace goshim
