// Writing. A blocking write returns when all is written; after a part has gone out, an error, a
// timeout or a signal ends it with the count so far.
//
// The kernel raises SIGPIPE only for a socket write that wrote nothing; the later pieces of ours
// therefore go out with MSG_NOSIGNAL.
#include <limits.h>

#include "netpoll/fd_io.h"
#include "netpoll/fd_kind.h"
#include "netpoll/fd_wait.h"
#include "netpoll/file_call.h"
#include "netpoll/iov_cursor.h"

namespace goshim {

namespace {

constexpr int kThrough = MSG_DONTWAIT | MSG_OOB | MSG_FASTOPEN;

// Receivers of Unix datagrams have queues of their own, which polling an unconnected socket does
// not see.
bool is_unpollable_send(const FdEntry* e, const sockaddr* addr) {
  return addr != nullptr && e->kind.load_relaxed() == FdKind::kUnixDgram;
}

GS_NOINLINE long send_slow(int fd, FdEntry* e, const char* buf, size_t n, int flags,
                           const sockaddr* addr, socklen_t len, size_t done) {
  if (is_unpollable_send(e, addr)) return block_m(SYS_sendto, fd, buf, n, flags, addr, len);
  FdOp op(fd, e, kWrite, WaitReason::kFdWrite);
  bool stream = is_stream(e->kind.load_relaxed());
  while (done < n || done == 0) {
    int more = done > 0 ? MSG_NOSIGNAL : 0;
    long r = fd_retry(
        op,
        [&] {
          return os::sys(SYS_sendto, fd, buf + done, n - done, flags | more | MSG_DONTWAIT, addr,
                         len);
        },
        [&] { return block_m(SYS_sendto, fd, buf + done, n - done, flags | more, addr, len); });
    if (r < 0) return done > 0 ? static_cast<long>(done) : r;
    done += static_cast<size_t>(r);
    if (!stream || r == 0) break;
  }
  return static_cast<long>(done);
}

// All of a vector, to a pipe or the like, or by sendmsg (`msg` with a first part already sent).
long write_all(FdOp& op, const iovec* iov, int count) {
  IovCursor at(iov, static_cast<size_t>(count));
  long done = 0;
  do {
    long r = fd_retry(
        op, [&] { return nowait_writev(op.fd, op.e, at.data(), static_cast<int>(at.count())); },
        [&] { return block_m(SYS_writev, op.fd, at.data(), at.count()); });
    if (r < 0) return done > 0 ? done : r;
    done += r;
    if (r == 0) break;
    at.advance(static_cast<size_t>(r));
  } while (!at.at_end());
  return done;
}

// What sendmsg has left over after `done` bytes; ancillary data went out with the first of them.
long send_rest(FdOp& op, const msghdr* msg, int flags, long done) {
  IovCursor at(msg->msg_iov, msg->msg_iovlen);
  at.advance(static_cast<size_t>(done));
  msghdr rest = {};
  rest.msg_name = msg->msg_name;
  rest.msg_namelen = msg->msg_namelen;
  flags |= MSG_NOSIGNAL;
  while (!at.at_end()) {
    auto send = [&](int f) {
      rest.msg_iov = const_cast<iovec*>(at.data());
      rest.msg_iovlen = at.count();
      return os::sys(SYS_sendmsg, op.fd, &rest, f);
    };
    long r = fd_retry(
        op, [&] { return send(flags | MSG_DONTWAIT); },
        [&] { return blocking([&] { return send(flags); }); });
    if (r <= 0) break;
    done += r;
    at.advance(static_cast<size_t>(r));
  }
  return done;
}

// Rights travel with this message: the files they name get a second owner.
bool passes_files(const msghdr* msg) {
  return msg->msg_control != nullptr && msg->msg_controllen > 0;
}

}  // namespace

long fd_sendto(int fd, const void* buf, size_t n, int flags, const sockaddr* addr, socklen_t len) {
  FdEntry* e = fd_entry(fd);
  if (GS_UNLIKELY(!may_park(e) || (flags & kThrough) != 0)) {
    return block_m(SYS_sendto, fd, buf, n, flags, addr, len);
  }
  long r = os::sys(SYS_sendto, fd, buf, n, flags | MSG_DONTWAIT, addr, len);
  if (GS_LIKELY(r == static_cast<long>(n) || (r < 0 && r != -EAGAIN))) return r;
  if (r >= 0 && !is_stream(e->kind.load_relaxed())) return r;
  return send_slow(fd, e, static_cast<const char*>(buf), n, flags, addr, len,
                   r > 0 ? static_cast<size_t>(r) : 0);
}

long fd_write(int fd, const void* buf, size_t n) {
  FdEntry* e = fd_entry(fd);
  if (in_background(fd, e)) return background_m(SYS_write, fd, buf, n);
  if (GS_UNLIKELY(!may_park(e)))
    return file_call(e, [&] { return os::sys(SYS_write, fd, buf, n); });
  FdKind kind = e->kind.load_relaxed();
  // write() on a SOCK_SEQPACKET socket implies MSG_EOR: left to writev.
  if (is_socket(kind) && kind != FdKind::kSeqpacket) {
    long r = fd_sendto(fd, buf, n, 0, nullptr, 0);
    if (GS_LIKELY(r != -ENOTSOCK)) return r;
    return fd_was_wrong(fd) ? fd_write(fd, buf, n) : block_m(SYS_write, fd, buf, n);
  }
  iovec iov = {const_cast<void*>(buf), n};
  return fd_writev(fd, &iov, 1);
}

long fd_writev(int fd, const iovec* iov, int count) {
  FdEntry* e = fd_entry(fd);
  if (in_background(fd, e)) return background_m(SYS_writev, fd, iov, count);
  if (!may_park(e) || count <= 0 || count > IOV_MAX)
    return file_call(e, [&] { return os::sys(SYS_writev, fd, iov, count); });
  FdOp op(fd, e, kWrite, WaitReason::kFdWrite);
  if (!is_socket(e->kind.load_relaxed())) return write_all(op, iov, count);
  long r = fd_retry(
      op, [&] { return nowait_writev(fd, e, iov, count); },
      [&] { return block_m(SYS_writev, fd, iov, count); });
  if (r <= 0 || !is_stream(e->kind.load_relaxed())) return r;
  msghdr msg = {};
  msg.msg_iov = const_cast<iovec*>(iov);
  msg.msg_iovlen = static_cast<size_t>(count);
  return send_rest(op, &msg, 0, r);
}

long fd_sendmsg(int fd, const msghdr* msg, int flags) {
  FdEntry* e = fd_entry(fd);
  if (!may_park(e) || (flags & kThrough) != 0) return block_m(SYS_sendmsg, fd, msg, flags);
  if (passes_files(msg)) fd_table_shared();
  FdOp op(fd, e, kWrite, WaitReason::kFdWrite);
  auto block = [&] { return block_m(SYS_sendmsg, fd, msg, flags); };
  auto once = [&] { return os::sys(SYS_sendmsg, fd, msg, flags | MSG_DONTWAIT); };
  const auto* addr = static_cast<const sockaddr*>(msg->msg_name);
  if (is_unpollable_send(e, addr)) {
    long r = once();
    return r == -EAGAIN ? block() : r;
  }
  long r = fd_retry(op, once, block);
  if (r <= 0 || !is_stream(e->kind.load_relaxed())) return r;
  return send_rest(op, msg, flags, r);
}

long fd_sendmmsg(int fd, mmsghdr* vec, unsigned n, int flags) {
  FdEntry* e = fd_entry(fd);
  if (!may_park(e) || (flags & kThrough) != 0) return block_m(SYS_sendmmsg, fd, vec, n, flags);
  unsigned done = 0;
  while (done < n && done < IOV_MAX) {
    long r = fd_sendmsg(fd, &vec[done].msg_hdr, flags);
    if (r < 0) return done > 0 ? static_cast<long>(done) : r;
    vec[done++].msg_len = static_cast<unsigned>(r);
  }
  return static_cast<long>(done);
}

}  // namespace goshim
