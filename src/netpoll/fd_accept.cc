// accept and connect.
//
// There is no accept that does not wait, short of O_NONBLOCK; so one G at a time asks by poll(2)
// and then accepts, under the entry's `accepting` token: among our own Gs nobody can take the
// connection in between. Another process that shares the socket can; then the call blocks its M
// until the next connection.
//
// The token: 0 free, 1 held, 2 held and somebody went to wait meanwhile without having asked.
// Whoever puts down a 2 counts an edge, so that the other asks after all.
//
// Orders: [accept.token] putting it down releases -> taking it acquires: a snapshot of edges taken
// under the token is not older than the last holder's accept.
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>

#include "base/perturb.h"
#include "netpoll/fd_io.h"
#include "netpoll/fd_kind.h"
#include "netpoll/fd_wait.h"

namespace goshim {

namespace {

bool take_token(FdEntry* e) {
  uint32_t free = 0;
  if (e->accepting.cas_acq_rel(free, 1)) return true;  // [accept.token]
  // Tell the holder. If it has gone by now, try again.
  uint32_t held = 1;
  return !e->accepting.cas_acq_rel(held, 2) && held == 0 && take_token(e);  // [accept.token]
}

void put_token(FdEntry* e) {
  if (e->accepting.exchange_acq_rel(0) != 2) return;  // [accept.token]
  GList woken;
  {
    MLockGuard guard(e->pd.lock);
    pd_event_locked(e->pd, POLLIN, woken);
  }
  goready_all(woken);
}

long accept_once(int fd, FdEntry* e, sockaddr* addr, socklen_t* len, int flags) {
  if (!take_token(e)) return -EAGAIN;
  long ready = fd_poll_now(fd, POLLIN);
  GS_PERTURB("accept.after_poll");
  long r = ready == 0 ? -EAGAIN : block_m(SYS_accept4, fd, addr, len, flags);
  put_token(e);
  return r;
}

// Waits for a connect that is under way. A second connect() tells how it went, and moves the socket
// to its final state, as the one blocking call would have.
long connect_finish(int fd, FdEntry* e, const sockaddr* addr, socklen_t len) {
  FdOp op(fd, e, kWrite, WaitReason::kConnect);
  auto block = [&] { return block_m(SYS_connect, fd, addr, len); };
  long r = fd_retry(
      op, [&] { return fd_poll_now(fd, POLLOUT) == 0 ? -EAGAIN : block(); }, block);
  return r == -EAGAIN ? -EINPROGRESS : r;  // SO_SNDTIMEO
}

bool can_wait_to_connect(const FdEntry* e, const sockaddr* addr, socklen_t len) {
  if (e->kind.load_relaxed() != FdKind::kTcp || len < sizeof(sa_family_t) || addr == nullptr)
    return false;
  return addr->sa_family == AF_INET || addr->sa_family == AF_INET6;
}

// accept on anything else fails at once, and polling would not tell.
bool is_listening(int fd, FdEntry* e) {
  if (GS_LIKELY(e->has(FdEntry::kListens))) return true;
  int yes = 0;
  socklen_t n = sizeof yes;
  if (os::sys(SYS_getsockopt, fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &n) != 0 || yes == 0)
    return false;
  e->set(FdEntry::kListens);
  return true;
}

}  // namespace

long fd_accept4(int fd, sockaddr* addr, socklen_t* len, int flags) {
  FdEntry* e = fd_entry(fd);
  if (!may_park(e) || !is_listening(fd, e)) return block_m(SYS_accept4, fd, addr, len, flags);
  FdOp op(fd, e, kRead, WaitReason::kAccept);
  return fd_retry(
      op, [&] { return accept_once(fd, e, addr, len, flags); },
      [&] { return block_m(SYS_accept4, fd, addr, len, flags); });
}

// O_NONBLOCK belongs to the open file. Only on a socket that nobody else has, and that cannot be in
// use before it is connected, it is set for the time of the one call.
long fd_connect(int fd, const sockaddr* addr, socklen_t len) {
  FdEntry* e = fd_entry(fd);
  if (!may_park(e) || !e->owned() || !can_wait_to_connect(e, addr, len)) {
    return block_m(SYS_connect, fd, addr, len);
  }
  long fl = os::sys(SYS_fcntl, fd, F_GETFL);
  if (fl < 0 || (fl & O_NONBLOCK) != 0) return block_m(SYS_connect, fd, addr, len);
  os::sys(SYS_fcntl, fd, F_SETFL, fl | O_NONBLOCK);
  long r = os::sys(SYS_connect, fd, addr, len);
  os::sys(SYS_fcntl, fd, F_SETFL, fl);
  if (r != -EINPROGRESS && r != -EALREADY) return r;
  return connect_finish(fd, e, addr, len);
}

}  // namespace goshim
