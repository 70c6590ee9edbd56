// The verbs that hooks are written in.
//
//   fd_io      a call that may park: read, recv, accept, connect, poll, select, epoll_wait, sleep,
//   ... blocking   a call that cannot be polled for and blocks the M: fsync, pread, waitpid, ...
//   as_is      fd_io for a function whose result is no -errno
//   fd_closed  ends an fd
//   result     -errno or value -> errno and -1: the one place that sets errno
//
// A verb gets libc's own function (a slot of `real`), the system call's number (or a function that
// makes it), our version where there is one, and the arguments. On a G ours runs. Elsewhere -
// before the start, on foreign and wired threads, with GOSHIM_DISABLE - libc's function runs, which
// is a cancellation point as it should be; unless its entry has been redirected to our hook
// (libc_patched, patch.cc), when the plain system call takes its place.
#pragma once

#include "base/check.h"
#include "netpoll/fd_life.h"
#include "netpoll/netpoll.h"
#include "os/syscall.h"
#include "preload/hook.h"
#include "sched/park.h"
#include "sched/signals.h"
#include "sched/syscall.h"

namespace goshim {

// The entries of libc's blocking wrappers jump to our hooks (preload/patch.cc). Set once, while
// there is one thread.
inline constinit bool libc_patched = false;

template <typename R>
inline R result(long r) {
  if (GS_UNLIKELY(static_cast<unsigned long>(r) > static_cast<unsigned long>(-4096L))) {
    errno = static_cast<int>(-r);
    return static_cast<R>(-1);
  }
  return static_cast<R>(r);
}

template <typename... A>
inline long raw_call(long nr, A... args) {
  return os::sys(nr, args...);
}
template <typename F, typename... A>
inline auto raw_call(F f, A... args) -> decltype(f(args...)) {
  return f(args...);
}

template <typename T>
struct Same {
  using Type = T;
};
template <typename T>
using SameType = typename Same<T>::Type;

// f() in the place of a function of libc's that is a cancellation point, on a thread that is no G.
template <typename F>
inline auto cancellable(F f) {
  int old = PTHREAD_CANCEL_DEFERRED;
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
  auto r = f();
  pthread_setcanceltype(old, &old);
  return r;
}

// Calls that no handler lets go on, whatever SA_RESTART says; functions in their place are such too.
constexpr bool is_never_restarted(long nr) {
  return nr == SYS_poll || nr == SYS_ppoll || nr == SYS_select || nr == SYS_pselect6 ||
         nr == SYS_epoll_wait || nr == SYS_epoll_pwait || nr == SYS_epoll_pwait2 ||
         nr == SYS_nanosleep || nr == SYS_clock_nanosleep || nr == SYS_semop ||
         nr == SYS_semtimedop || nr == SYS_msgrcv || nr == SYS_msgsnd;
}
template <typename F>
constexpr bool is_never_restarted(F) {
  return true;
}

// On a wired G, whose kernel thread sleeps in the call. Handlers run where our code is out of the way.
template <typename Raw, typename... A>
long wired_call(Raw raw, A... args) {
  call_begins();
  for (;;) {
    const long r = static_cast<long>(raw_call(raw, args...));
    if (r != -EINTR) return r;
    check_cancel();
    const Delivered d = act_on_signals();
    if (d == Delivered::kInterrupt || is_never_restarted(raw)) return r;
  }
}

// Not on a G that parks.
template <typename R, typename Raw, typename... P>
GS_NOINLINE R elsewhere(R (*Real::*slot)(P...), Raw raw, SameType<P>... args) {
  if (is_wired(getg())) return result<R>(wired_call(raw, args...));
  if (!libc_patched) return (real.*slot)(args...);
  return result<R>(cancellable([&] { return raw_call(raw, args...); }));
}

template <typename R, typename Raw, typename Op, typename... P>
inline R fd_io(R (*Real::*slot)(P...), Raw raw, Op op, SameType<P>... args) {
  if (GS_UNLIKELY(!on_goroutine())) return elsewhere(slot, raw, args...);
  call_begins();
  return result<R>(op(args...));
}

template <typename R, typename... P>
inline R blocking(R (*Real::*slot)(P...), long nr, SameType<P>... args) {
  if (GS_UNLIKELY(!on_goroutine())) return elsewhere(slot, nr, args...);
  call_begins();
  const auto call = [&] { return os::sys(nr, args...); };
  // Linux: after EINTR the descriptor is closed all the same.
  return result<R>(nr == SYS_close ? blocking(call) : blocking_call(call));
}

template <typename R, typename Raw, typename Op, typename... P>
inline R as_is(R (*Real::*slot)(P...), Raw raw, Op op, SameType<P>... args) {
  if (GS_UNLIKELY(!on_goroutine())) {
    if (is_wired(getg())) call_begins();
    return libc_patched ? cancellable([&] { return raw(args...); }) : (real.*slot)(args...);
  }
  call_begins();
  return op(args...);
}

// `end()` closes fd. Our own fds do not exist for the program.
template <typename F>
inline int fd_closed(int fd, F end) {
  if (GS_UNLIKELY(netpoll_owns(fd))) return result<int>(-EBADF);
  fd_dying(fd);
  return end();
}

}  // namespace goshim
