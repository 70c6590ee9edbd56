// Reading. The fast way is one look at the entry and one system call.
//
// A short read on a TCP socket, and any EAGAIN, mean that the queue is empty; the edge count at
// which that was seen is kept (drained), and while it stands the next read parks without asking.
// Not after events that put something else than bytes into the stream (RDHUP, urgent data:
// kNoGuess): a read stops short in front of them.
#include <limits.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "netpoll/fd_io.h"
#include "netpoll/fd_kind.h"
#include "netpoll/fd_wait.h"
#include "netpoll/file_call.h"

namespace goshim {

namespace {

constexpr int kRwfNowait = 8;
constexpr int kThrough = MSG_DONTWAIT | MSG_ERRQUEUE | MSG_OOB;

// `once` is the call with RWF_NOWAIT, `plain` the one that waits.
template <typename Once, typename Plain>
long nowait_rw(int fd, FdEntry* e, short event, Once once, Plain plain) {
  const auto unsupported = event == POLLIN ? FdEntry::kNoNowaitRead : FdEntry::kNoNowaitWrite;
  if (!e->has(unsupported)) {
    long r = once();
    if (r != -EOPNOTSUPP && r != -ENOSYS) return r;
    e->set(unsupported);
  }
  // POLLNVAL is left to the call.
  return fd_poll_now(fd, event) == 0 ? -EAGAIN : blocking(plain);
}

// recv(n bytes) has returned r, asked at edge count `seen`: true if it found less than it had room for. What that says
// about the queue is kept.
bool note_short(FdEntry* e, uint32_t seen, long r, size_t n, int flags) {
  const bool is_short = static_cast<size_t>(r) < n;
  const bool consumed = (flags & MSG_PEEK) == 0;
  if (is_short && consumed && e->kind.load_relaxed() == FdKind::kTcp &&
      !e->has(FdEntry::kNoGuess)) {
    e->set_drained(seen);
  }
  return is_short;
}

// The rest of a recv: `done` bytes are there (MSG_WAITALL), or none.
GS_NOINLINE long recv_slow(int fd, FdEntry* e, char* buf, size_t n, int flags, sockaddr* addr,
                           socklen_t* len, size_t done) {
  FdOp op(fd, e, kRead, WaitReason::kFdRead);
  bool all = (flags & MSG_WAITALL) != 0 && is_stream(e->kind.load_relaxed());
  bool skip = done == 0;  // the caller has asked already, or knows
  for (;;) {
    uint32_t seen = e->pd.snapshot(kRead);
    long r = -EAGAIN;
    if (!skip || !e->is_drained(seen)) {
      r = os::sys(SYS_recvfrom, fd, buf + done, n - done, flags | MSG_DONTWAIT, addr, len);
      if (r == -EAGAIN && (flags & MSG_PEEK) == 0) e->set_drained(seen);
    }
    skip = false;
    if (r > 0 && note_short(e, seen, r, n - done, flags) && all) {
      done += static_cast<size_t>(r);
      continue;
    }
    if (r == -EAGAIN) {
      r = fd_wait(op, seen);
      if (r == 0) continue;
      if (r == kBlockM) r = block_m(SYS_recvfrom, fd, buf + done, n - done, flags, addr, len);
    }
    fd_done(op);
    if (done == 0) return r;
    return r > 0 ? r + static_cast<long>(done) : static_cast<long>(done);
  }
}

}  // namespace

bool tty_in_background(int fd) {
  int group = 0;
  return os::sys(SYS_ioctl, fd, TIOCGPGRP, &group) == 0 && group != os::sys(SYS_getpgid, 0);
}

bool fd_was_wrong(int fd) {
  FdEntry* e = fd_find(fd);
  if (e == nullptr) return false;
  FdKind was = e->kind.load_relaxed();
  fd_forget(fd);
  e = fd_probe(fd);
  return e != nullptr && e->kind.load_relaxed() != was;
}

long nowait_readv(int fd, FdEntry* e, const iovec* iov, int count) {
  return nowait_rw(
      fd, e, POLLIN, [&] { return os::sys(SYS_preadv2, fd, iov, count, -1, -1, kRwfNowait); },
      [&] { return os::sys(SYS_readv, fd, iov, count); });
}

long nowait_writev(int fd, FdEntry* e, const iovec* iov, int count) {
  return nowait_rw(
      fd, e, POLLOUT, [&] { return os::sys(SYS_pwritev2, fd, iov, count, -1, -1, kRwfNowait); },
      [&] { return os::sys(SYS_writev, fd, iov, count); });
}

long fd_recvfrom(int fd, void* buf, size_t n, int flags, sockaddr* addr, socklen_t* len) {
  FdEntry* e = fd_entry(fd);
  if (GS_UNLIKELY(!may_park(e) || (flags & kThrough) != 0)) {
    return os::sys(SYS_recvfrom, fd, buf, n, flags, addr, len);
  }
  constexpr int kPeekAll = MSG_PEEK | MSG_WAITALL;
  if (GS_UNLIKELY((flags & kPeekAll) == kPeekAll)) {
    return block_m(SYS_recvfrom, fd, buf, n, flags, addr, len);
  }
  uint32_t seen = e->pd.snapshot(kRead);
  size_t done = 0;
  if (!e->is_drained(seen)) {
    long r = os::sys(SYS_recvfrom, fd, buf, n, flags | MSG_DONTWAIT, addr, len);
    if (r > 0) {
      const bool is_short = note_short(e, seen, r, n, flags);
      if (GS_LIKELY(!is_short || (flags & MSG_WAITALL) == 0 ||
                    !is_stream(e->kind.load_relaxed()))) {
        return r;
      }
      done = static_cast<size_t>(r);
    } else if (r != -EAGAIN) {
      return r;
    } else if ((flags & MSG_PEEK) == 0) {
      e->set_drained(seen);
    }
  }
  return recv_slow(fd, e, static_cast<char*>(buf), n, flags, addr, len, done);
}

long fd_read(int fd, void* buf, size_t n) {
  FdEntry* e = fd_entry(fd);
  if (in_background(fd, e)) return background_m(SYS_read, fd, buf, n);
  // Reading nothing never waits, and takes no datagram.
  if (GS_UNLIKELY(!may_park(e) || n == 0))
    return file_call(e, [&] { return os::sys(SYS_read, fd, buf, n); });
  if (is_socket(e->kind.load_relaxed())) {
    long r = fd_recvfrom(fd, buf, n, 0, nullptr, nullptr);
    if (GS_LIKELY(r != -ENOTSOCK)) return r;
    return fd_was_wrong(fd) ? fd_read(fd, buf, n) : block_m(SYS_read, fd, buf, n);
  }
  iovec iov = {buf, n};
  return fd_readv(fd, &iov, 1);
}

long fd_readv(int fd, const iovec* iov, int count) {
  FdEntry* e = fd_entry(fd);
  if (in_background(fd, e)) return background_m(SYS_readv, fd, iov, count);
  if (!may_park(e) || count <= 0 || count > IOV_MAX)
    return file_call(e, [&] { return os::sys(SYS_readv, fd, iov, count); });
  FdOp op(fd, e, kRead, WaitReason::kFdRead);
  return fd_retry(
      op, [&] { return nowait_readv(fd, e, iov, count); },
      [&] { return block_m(SYS_readv, fd, iov, count); });
}

}  // namespace goshim
