// recvmsg and recvmmsg.
#include <limits.h>

#include "netpoll/fd_io.h"
#include "netpoll/fd_kind.h"
#include "netpoll/fd_wait.h"
#include "netpoll/iov_cursor.h"
#include "os/clock.h"

namespace goshim {

namespace {

constexpr int kThrough = MSG_DONTWAIT | MSG_ERRQUEUE | MSG_OOB;

// MSG_WAITALL on a stream: what the first part has left open.
long recv_rest(FdOp& op, msghdr* msg, int flags, long done) {
  IovCursor at(msg->msg_iov, msg->msg_iovlen);
  at.advance(static_cast<size_t>(done));
  while (!at.at_end()) {
    msghdr rest = {};
    auto recv = [&](int f) {
      rest.msg_iov = const_cast<iovec*>(at.data());
      rest.msg_iovlen = at.count();
      return os::sys(SYS_recvmsg, op.fd, &rest, f);
    };
    long r = fd_retry(
        op, [&] { return recv(flags | MSG_DONTWAIT); },
        [&] { return blocking([&] { return recv(flags); }); });
    if (r <= 0) break;
    done += r;
    at.advance(static_cast<size_t>(r));
  }
  return done;
}

}  // namespace

long fd_recvmsg(int fd, msghdr* msg, int flags) {
  FdEntry* e = fd_entry(fd);
  if (!may_park(e) || (flags & kThrough) != 0) return block_m(SYS_recvmsg, fd, msg, flags);
  bool all = (flags & MSG_WAITALL) != 0 && is_stream(e->kind.load_relaxed());
  // Where ancillary data ends a read, or the queue is only looked at, waiting for all is the
  // kernel's business.
  if (all && ((flags & MSG_PEEK) != 0 || msg->msg_controllen > 0)) {
    return block_m(SYS_recvmsg, fd, msg, flags);
  }
  FdOp op(fd, e, kRead, WaitReason::kFdRead);
  long r = fd_retry(
      op, [&] { return os::sys(SYS_recvmsg, fd, msg, flags | MSG_DONTWAIT); },
      [&] { return block_m(SYS_recvmsg, fd, msg, flags); });
  return r > 0 && all ? recv_rest(op, msg, flags, r) : r;
}

// The kernel looks at the timeout only after it has received a message, and blocks for each message
// unless MSG_WAITFORONE; so do we.
long fd_recvmmsg(int fd, mmsghdr* vec, unsigned n, int flags, timespec* timeout) {
  FdEntry* e = fd_entry(fd);
  bool odd = timeout != nullptr && !os::valid(*timeout);
  if (!may_park(e) || odd || (flags & kThrough) != 0) {
    return block_m(SYS_recvmmsg, fd, vec, n, flags, timeout);
  }
  int64_t start = os::nanotime();
  int64_t limit = timeout != nullptr ? os::to_ns(*timeout) : kNever;
  if (n > IOV_MAX) n = IOV_MAX;
  unsigned done = 0;
  long r = 0;
  while (done < n) {
    int wait = done > 0 && (flags & MSG_WAITFORONE) != 0 ? MSG_DONTWAIT : 0;
    r = fd_recvmsg(fd, &vec[done].msg_hdr, (flags & ~MSG_WAITFORONE) | wait);
    if (r < 0) break;
    vec[done++].msg_len = static_cast<unsigned>(r);
    if (timeout != nullptr && os::nanotime() - start >= limit) break;
  }
  if (timeout != nullptr && done > 0) {
    int64_t left = limit - (os::nanotime() - start);
    if (left < 0) left = 0;
    *timeout = {left / os::kSecond, left % os::kSecond};
  }
  return done > 0 ? static_cast<long>(done) : r;
}

}  // namespace goshim
