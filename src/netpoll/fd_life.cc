#include "netpoll/fd_life.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#include "netpoll/fd_wait.h"
#include "netpoll/netpoll.h"
#include "os/clock.h"
#include "os/syscall.h"

namespace goshim {

namespace {

constexpr int kTcpUlp = 31;
constexpr int kRcvTimeoNew = 66;
constexpr int kSndTimeoNew = 67;

void set_nonblock(int fd, bool on) {
  FdEntry* e = fd_find(fd);
  if (e == nullptr) return;
  if (on) {
    e->set(FdEntry::kNonblock);
  } else {
    e->clear(FdEntry::kNonblock);
  }
}

void set_timeout(FdEntry* e, Dir dir, const void* value) {
  const auto* tv = static_cast<const timeval*>(value);
  int64_t ns = static_cast<int64_t>(tv->tv_sec) * os::kSecond + tv->tv_usec * 1000;
  // A negative time means not to wait at all.
  e->timeout[dir].store_relaxed(tv->tv_sec < 0 ? 1 : ns);
  if (!e->owned()) fd_timeouts_shared();
}

}  // namespace

long fd_socket(int domain, int type, int protocol) {
  long fd = os::sys(SYS_socket, domain, type, protocol);
  if (fd >= 0)
    fd_born(static_cast<int>(fd), fd_socket_kind(domain, type, protocol),
            (type & SOCK_NONBLOCK) != 0);
  return fd;
}

long fd_socketpair(int domain, int type, int protocol, int fds[2]) {
  long r = os::sys(SYS_socketpair, domain, type, protocol, fds);
  for (int i = 0; r == 0 && i < 2; i++) {
    fd_born(fds[i], fd_socket_kind(domain, type, protocol), (type & SOCK_NONBLOCK) != 0);
  }
  return r;
}

long fd_pipe2(int fds[2], int flags) {
  long r = os::sys(SYS_pipe2, fds, flags);
  for (int i = 0; r == 0 && i < 2; i++) fd_born(fds[i], FdKind::kPipe, (flags & O_NONBLOCK) != 0);
  return r;
}

long fd_new_other(long r, bool nonblock) {
  if (r >= 0) fd_born(static_cast<int>(r), FdKind::kOther, nonblock);
  return r;
}

long fd_dup(int fd) {
  long r = os::sys(SYS_dup, fd);
  if (r >= 0) fd_duped(fd, static_cast<int>(r));
  return r;
}

long fd_dup3(int from, int to, int flags) {
  // Nothing happens to `to` when `from` is bad.
  if (from == to || os::sys(SYS_fcntl, from, F_GETFD) < 0)
    return os::sys(SYS_dup3, from, to, flags);
  netpoll_move(to);
  fd_dying(to);
  long r = os::sys(SYS_dup3, from, to, flags);
  if (r >= 0) fd_duped(from, to);
  return r;
}

long fd_dup2(int from, int to) {
  return from == to ? os::sys(SYS_dup2, from, to) : fd_dup3(from, to, 0);
}

long fd_setsockopt(int fd, int level, int name, const void* value, socklen_t n) {
  long r = os::sys(SYS_setsockopt, fd, level, name, value, n);
  FdEntry* e = fd_find(fd);
  if (r != 0 || e == nullptr) return r;
  if (level == SOL_SOCKET && n >= sizeof(timeval)) {
    if (name == SO_RCVTIMEO || name == kRcvTimeoNew) set_timeout(e, kRead, value);
    if (name == SO_SNDTIMEO || name == kSndTimeoNew) set_timeout(e, kWrite, value);
  }
  // A short read no longer means an empty queue.
  bool low_water = level == SOL_SOCKET && name == SO_RCVLOWAT;
  bool ulp = level == IPPROTO_TCP && name == kTcpUlp;
  if (low_water || ulp) e->set(FdEntry::kNoGuess);
  return r;
}

void fd_after_fcntl(int fd, int cmd, long arg, int result) {
  if (result < 0) return;
  if (cmd == F_SETFL) set_nonblock(fd, (arg & O_NONBLOCK) != 0);
  if (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC) fd_duped(fd, result);
}

void fd_after_ioctl(int fd, unsigned long request, const void* arg) {
  if (request == FIONBIO) set_nonblock(fd, *static_cast<const int*>(arg) != 0);
}

long fd_close_range(unsigned first, unsigned last, int flags) {
  // A bad range, or one that is only marked, ends no fd.
  bool closes = first <= last && (static_cast<unsigned>(flags) & CLOSE_RANGE_CLOEXEC) == 0;
  if (!closes) return os::sys(SYS_close_range, first, last, flags);
  fd_dying_range(first, last);
  for (;;) {
    int own = first <= INT32_MAX ? netpoll_next_own(static_cast<int>(first)) : -1;
    if (own < 0 || static_cast<unsigned>(own) > last)
      return os::sys(SYS_close_range, first, last, flags);
    unsigned at = static_cast<unsigned>(own);
    long r = at > first ? os::sys(SYS_close_range, first, at - 1, flags) : 0;
    if (r != 0 || at == last) return r;
    first = at + 1;
  }
}

}  // namespace goshim
