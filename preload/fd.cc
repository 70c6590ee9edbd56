// Descriptors: how they come, multiply, change and go. None of this parks; it keeps the fd table.
#include "preload/file_hooks.h"
#include "sched/job_control.h"

using namespace goshim;

GOSHIM_HOOK(int, close)(int fd) {
  return fd_closed(fd, [&] { return blocking(&Real::close, SYS_close, fd); });
}
GOSHIM_EXPORT_AS(__close, close);

GOSHIM_HOOK(int, close_range)(unsigned first, unsigned last, int flags) {
  return result<int>(fd_close_range(first, last, flags));
}

GOSHIM_HOOK(void, closefrom)(int first) {
  fd_close_range(first > 0 ? static_cast<unsigned>(first) : 0, ~0u, 0);
}

GOSHIM_HOOK(int, dup)(int fd) { return result<int>(fd_dup(fd)); }

GOSHIM_HOOK(int, dup2)(int from, int to) { return result<int>(fd_dup2(from, to)); }
GOSHIM_EXPORT_AS(__dup2, dup2);

GOSHIM_HOOK(int, dup3)(int from, int to, int flags) {
  return result<int>(fd_dup3(from, to, flags));
}

GOSHIM_HOOK(int, fcntl)(int fd, int cmd, long arg) {
  if (GS_UNLIKELY(waits_for_lock(cmd)))
    return lock_record(fd, cmd, reinterpret_cast<struct flock*>(arg));
  int r = real.fcntl(fd, cmd, arg);
  fd_after_fcntl(fd, cmd, arg, r);
  return r;
}
GOSHIM_EXPORT_AS(fcntl64, fcntl);
GOSHIM_EXPORT_AS(__fcntl, fcntl);

GOSHIM_HOOK(int, ioctl)(int fd, unsigned long request, void* arg) {
  const auto call = [&] { return real.ioctl(fd, request, arg); };
  const int r = changes_terminal(request) ? with_job_control(call) : call();
  if (r == 0) fd_after_ioctl(fd, request, arg);
  return r;
}

GOSHIM_HOOK(int, pipe)(int fds[2]) { return result<int>(fd_pipe2(fds, 0)); }
GOSHIM_EXPORT_AS(__pipe, pipe);

GOSHIM_HOOK(int, pipe2)(int fds[2], int flags) { return result<int>(fd_pipe2(fds, flags)); }

GOSHIM_HOOK(int, eventfd)(unsigned count, int flags) {
  return static_cast<int>(fd_new_other(real.eventfd(count, flags), (flags & EFD_NONBLOCK) != 0));
}

GOSHIM_HOOK(int, timerfd_create)(clockid_t clock, int flags) {
  return static_cast<int>(
      fd_new_other(real.timerfd_create(clock, flags), (flags & TFD_NONBLOCK) != 0));
}

// With an fd it changes that one.
GOSHIM_HOOK(int, signalfd)(int fd, const sigset_t* mask, int flags) {
  int r = real.signalfd(fd, mask, flags);
  return fd >= 0 ? r : static_cast<int>(fd_new_other(r, (flags & SFD_NONBLOCK) != 0));
}

GOSHIM_HOOK(int, epoll_create)(int size) {
  return static_cast<int>(fd_new_other(real.epoll_create(size), false));
}

GOSHIM_HOOK(int, epoll_create1)(int flags) {
  return static_cast<int>(fd_new_other(real.epoll_create1(flags), false));
}

// ---- streams: libc closes their fds without a call that could be seen ----

GOSHIM_HOOK(int, fclose)(FILE* f) {
  return fd_closed(fileno(f), [&] { return real.fclose(f); });
}

GOSHIM_HOOK(int, pclose)(FILE* f) {
  return fd_closed(fileno(f), [&] { return real.pclose(f); });
}

GOSHIM_HOOK(int, closedir)(DIR* dir) {
  return fd_closed(dirfd(dir), [&] { return real.closedir(dir); });
}

GOSHIM_HOOK(FILE*, freopen)(const char* path, const char* mode, FILE* f) {
  fd_dying(fileno(f));
  FILE* r = real.freopen(path, mode, f);
  if (r != nullptr) fd_forget(fileno(r));
  return r;
}

GOSHIM_HOOK(FILE*, freopen64)(const char* path, const char* mode, FILE* f) {
  fd_dying(fileno(f));
  FILE* r = real.freopen64(path, mode, f);
  if (r != nullptr) fd_forget(fileno(r));
  return r;
}
