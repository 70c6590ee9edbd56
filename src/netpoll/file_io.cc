#include "netpoll/file_io.h"

#include <limits.h>

#include "base/file_stats.h"
#include "netpoll/fd_kind.h"
#include "netpoll/file_call.h"
#include "netpoll/file_ring.h"
#include "netpoll/iov_cursor.h"

namespace goshim {

namespace {

constexpr int kRwfNowait = 8;

long nowait(int fd, const iovec* iov, int count, off_t at) {
  return os::sys(SYS_preadv2, fd, iov, count, at, 0, kRwfNowait);
}

bool ends_at(int fd, off_t at) {
  char byte;
  const iovec iov = {&byte, 1};
  return nowait(fd, &iov, 1, at) == 0;
}

enum class Cache : uint8_t {
  kHit,     // *r is the call's result
  kLoaded,  // the call is to be made, and finds what it needs
  kUnused,  // the call is to be made
};

Cache ask_cache(int fd, FdEntry* e, const iovec* iov, int count, off_t at, long* r) {
  if (e == nullptr || e->kind.load_relaxed() != FdKind::kFile || e->has(FdEntry::kNoNowaitRead))
    return Cache::kUnused;
  if (at < 0 || count <= 0 || count > IOV_MAX) return Cache::kUnused;
  *r = nowait(fd, iov, count, at);
  if (*r == -EOPNOTSUPP) {
    e->set(FdEntry::kNoNowaitRead);
    return Cache::kUnused;
  }
  const size_t total = IovCursor::total(iov, static_cast<size_t>(count));
  const size_t have = *r > 0 ? static_cast<size_t>(*r) : 0;
  const bool is_miss = *r == -EAGAIN || (*r > 0 && have < total);
  if (is_miss && !(have > 0 && ends_at(fd, at + *r))) {
    return file_ring_load(fd, at + static_cast<off_t>(have), total - have) ? Cache::kLoaded
                                                                           : Cache::kUnused;
  }
  file_stats.at_once.fetch_add_relaxed(1);
  return Cache::kHit;
}

// `call` reads iov at `at`.
template <typename F>
long read_at(int fd, const iovec* iov, int count, off_t at, F call) {
  long r = 0;
  FdEntry* e = fd_entry(fd);
  const Cache c = ask_cache(fd, e, iov, count, at, &r);
  if (GS_LIKELY(c == Cache::kHit)) return r;
  if (c == Cache::kUnused) file_stats.blocked.fetch_add_relaxed(1);
  return file_call(e, call);
}

}  // namespace

long fd_pread(int fd, void* buf, size_t n, off_t at) {
  const iovec iov = {buf, n};
  return read_at(fd, &iov, 1, at, [&] { return os::sys(SYS_pread64, fd, buf, n, at); });
}

long fd_preadv(int fd, const iovec* iov, int count, off_t at) {
  return read_at(fd, iov, count, at, [&] { return os::sys(SYS_preadv, fd, iov, count, at); });
}

long fd_pwrite(int fd, const void* buf, size_t n, off_t at) {
  return file_call(fd_entry(fd), [&] { return os::sys(SYS_pwrite64, fd, buf, n, at); });
}

long fd_pwritev(int fd, const iovec* iov, int count, off_t at) {
  return file_call(fd_entry(fd), [&] { return os::sys(SYS_pwritev, fd, iov, count, at); });
}

}  // namespace goshim
