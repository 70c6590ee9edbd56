// Waiting for other processes: System V's queues and semaphores, POSIX message queues, terminals, asynchronous I/O.
// Who sends to a queue of POSIX parks; the rest gives its P away.
#include "netpoll/fd_mq.h"
#include "os/clock.h"
#include "preload/file_hooks.h"

using namespace goshim;

GOSHIM_HOOK(ssize_t, msgrcv)(int id, void* msg, size_t n, long type, int flags) {
  if (!on_goroutine()) return elsewhere(&Real::msgrcv, SYS_msgrcv, id, msg, n, type, flags);
  return result<ssize_t>(try_then_wait<kCancels | kNeverRestarts>(
      (flags & IPC_NOWAIT) != 0 ? 1 - LONG_MAX : -ENOMSG,
      [&] { return os::sys(SYS_msgrcv, id, msg, n, type, flags | IPC_NOWAIT); },
      [&] { return os::sys(SYS_msgrcv, id, msg, n, type, flags); }));
}

GOSHIM_HOOK(int, msgsnd)(int id, const void* msg, size_t n, int flags) {
  if (!on_goroutine()) return elsewhere(&Real::msgsnd, SYS_msgsnd, id, msg, n, flags);
  return result<int>(try_then_wait<kCancels | kNeverRestarts>(
      (flags & IPC_NOWAIT) != 0 ? 1 - LONG_MAX : -EAGAIN,
      [&] { return os::sys(SYS_msgsnd, id, msg, n, flags | IPC_NOWAIT); },
      [&] { return os::sys(SYS_msgsnd, id, msg, n, flags); }));
}

GOSHIM_HOOK(int, semop)(int id, struct sembuf* ops, size_t n) {
  return on_goroutine() ? result<int>(sem_op(id, ops, n, nullptr)) : real.semop(id, ops, n);
}

GOSHIM_HOOK(int, semtimedop)
(int id, struct sembuf* ops, size_t n, const struct timespec* timeout) {
  if (!on_goroutine())
    return elsewhere_plain(&Real::semtimedop, SYS_semtimedop, id, ops, n, timeout);
  return result<int>(sem_op(id, ops, n, timeout));
}

// ---- POSIX message queues: who sends parks, who receives is seen by the kernel (fd_mq.h) ----

namespace {

// A time that has long passed asks: ETIMEDOUT is "not now", EAGAIN O_NONBLOCK's.
long mq_take(mqd_t q, char* buf, size_t n, unsigned* priority, const struct timespec* abstime) {
  const timespec past = {};
  const auto receive = [=](const struct timespec* t) {
    return os::sys(SYS_mq_timedreceive, q, buf, n, priority, t);
  };
  return try_then_wait<kCancels>(
      -ETIMEDOUT, [&] { return receive(os::valid_timeout(abstime) ? &past : abstime); },
      [&] { return receive(abstime); });
}

}  // namespace

GOSHIM_HOOK(mqd_t, __mq_open_2)(const char* name, int flags) {
  return fd_opened(real.__mq_open_2(name, flags));
}

GOSHIM_HOOK(mqd_t, mq_open)(const char* name, int flags, mode_t mode, struct mq_attr* attr) {
  return fd_opened(real.mq_open(name, flags, mode, attr));
}

GOSHIM_HOOK(int, mq_close)(mqd_t q) {
  return fd_closed(q, [&] { return real.mq_close(q); });
}

GOSHIM_HOOK(ssize_t, mq_receive)(mqd_t q, char* buf, size_t n, unsigned* priority) {
  if (!on_goroutine()) return real.mq_receive(q, buf, n, priority);
  return result<ssize_t>(mq_take(q, buf, n, priority, nullptr));
}

GOSHIM_HOOK(ssize_t, mq_timedreceive)
(mqd_t q, char* buf, size_t n, unsigned* priority, const struct timespec* abstime) {
  if (!on_goroutine()) return real.mq_timedreceive(q, buf, n, priority, abstime);
  return result<ssize_t>(mq_take(q, buf, n, priority, abstime));
}

GOSHIM_HOOK(int, mq_send)(mqd_t q, const char* buf, size_t n, unsigned priority) {
  if (!on_goroutine()) return real.mq_send(q, buf, n, priority);
  return result<int>(fd_mq_send(q, buf, n, priority, nullptr));
}

GOSHIM_HOOK(int, mq_timedsend)
(mqd_t q, const char* buf, size_t n, unsigned priority, const struct timespec* abstime) {
  if (!on_goroutine()) return real.mq_timedsend(q, buf, n, priority, abstime);
  return result<int>(fd_mq_send(q, buf, n, priority, abstime));
}

// ---- others ----

GOSHIM_HOOK(int, aio_suspend)
(const struct aiocb* const list[], int n, const struct timespec* timeout) {
  return on_goroutine() ? wait_for_aio(list, n, timeout) : real.aio_suspend(list, n, timeout);
}
GOSHIM_EXPORT_AS(aio_suspend64, aio_suspend);
