#include "preload/file_hooks.h"

#include "os/clock.h"

namespace goshim {

int lock_record(int fd, int cmd, struct flock* lock) {
  if (!on_goroutine()) return real.fcntl(fd, cmd, reinterpret_cast<long>(lock));
  const int ask = cmd == F_SETLKW ? F_SETLK : F_OFD_SETLK;
  return result<int>(try_then_wait<kCancels>(
      -EAGAIN, [&] { return os::sys(SYS_fcntl, fd, ask, lock); },
      [&] { return os::sys(SYS_fcntl, fd, cmd, lock); }));
}

int lock_section(int fd, off_t n) {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_CUR;
  lock.l_len = n;
  return lock_record(fd, F_SETLKW, &lock);
}

// A timeout of zero asks: the kernel looks, and is late at once.
long sem_op(int id, struct sembuf* ops, size_t n, const struct timespec* timeout) {
  constexpr unsigned kHow = kNeverRestarts;
  const auto call = [&](const timespec* t) { return os::sys(SYS_semtimedop, id, ops, n, t); };
  if (!os::valid_timeout(timeout)) return call(timeout);
  const timespec now = {};
  const auto ask = [&] { return call(&now); };
  if (timeout == nullptr) return try_then_wait<kHow>(-EAGAIN, ask, [&] { return call(nullptr); });
  const int64_t start = os::nanotime();
  const int64_t length = os::to_ns(*timeout);
  return try_then_wait<kHow>(-EAGAIN, ask, [&] {
    const int64_t gone = os::nanotime() - start;
    const int64_t left = length > gone ? length - gone : 0;
    const timespec rest = {left / os::kSecond, left % os::kSecond};
    return call(&rest);
  });
}

// libc waits on a futex of its own; so the time that is left is counted here.
int wait_for_aio(const struct aiocb* const list[], int n, const struct timespec* timeout) {
  const int64_t start = os::nanotime();
  call_begins();
  const long r = declared_call<kCancels | kSleeps>([&]() -> long {
    timespec rest = {};
    if (timeout != nullptr) {
      const int64_t gone = os::nanotime() - start;
      const int64_t length = os::valid(*timeout) ? os::to_ns(*timeout) : 0;
      const int64_t left = length > gone ? length - gone : 0;
      rest = {left / os::kSecond, left % os::kSecond};
    }
    return real.aio_suspend(list, n, timeout != nullptr ? &rest : nullptr) == 0
               ? 0
               : -errno;  // lint: allow, because libc tells by errno
  });
  return result<int>(r);
}

bool changes_terminal(unsigned long request) {
  switch (request) {
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
    case TCSETA:
    case TCSETAW:
    case TCSETAF:
    case TCSBRK:
    case TCSBRKP:
    case TCXONC:
    case TCFLSH:
    case TIOCSPGRP:
    case TIOCSETD:
      return true;
    default:
      return false;
  }
}

}  // namespace goshim
