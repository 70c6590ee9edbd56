// Files: opening them, their names, their blocks, their locks. What may wait for a disk or a server gives up its P if
// it lasts; what waits for another thread or process (a lock) gives it up at once.
#include "netpoll/file_sync.h"
#include "preload/file_hooks.h"

using namespace goshim;

// ---- opening: of a FIFO it waits for the other side ----

GOSHIM_HOOK(int, open)(const char* path, int flags, mode_t mode) {
  return fd_opened(on_goroutine()
                       ? declared<kCancels>(&Real::openat, SYS_openat, AT_FDCWD, path, flags, mode)
                       : real.open(path, flags, mode));
}
GOSHIM_EXPORT_AS(open64, open);
GOSHIM_EXPORT_AS(__open, open);
GOSHIM_EXPORT_AS(__open64, open);

// libc ends the program when the mode is missing.
GOSHIM_HOOK(int, __open_2)(const char* path, int flags) {
  return needs_mode(flags) ? real.__open_2(path, flags) : hook_open(path, flags, 0);
}
GOSHIM_EXPORT_AS(__open64_2, __open_2);

GOSHIM_HOOK(int, openat)(int dir, const char* path, int flags, mode_t mode) {
  return fd_opened(declared<kCancels>(&Real::openat, SYS_openat, dir, path, flags, mode));
}
GOSHIM_EXPORT_AS(openat64, openat);

GOSHIM_HOOK(int, __openat_2)(int dir, const char* path, int flags) {
  return needs_mode(flags) ? real.__openat_2(dir, path, flags) : hook_openat(dir, path, flags, 0);
}
GOSHIM_EXPORT_AS(__openat64_2, __openat_2);

GOSHIM_HOOK(int, creat)(const char* path, mode_t mode) {
  return fd_opened(declared<kCancels>(&Real::creat, SYS_creat, path, mode));
}
GOSHIM_EXPORT_AS(creat64, creat);

// ---- what is on the disk ----

GOSHIM_HOOK(int, fsync)(int fd) { return fd_io(&Real::fsync, SYS_fsync, fd_fsync, fd); }

GOSHIM_HOOK(int, fdatasync)(int fd) {
  return fd_io(&Real::fdatasync, SYS_fdatasync, fd_fdatasync, fd);
}

GOSHIM_HOOK(int, syncfs)(int fd) { return declared(&Real::syncfs, SYS_syncfs, fd); }

GOSHIM_HOOK(int, sync_file_range)(int fd, off64_t from, off64_t n, unsigned flags) {
  return declared<kCancels>(&Real::sync_file_range, SYS_sync_file_range, fd, from, n, flags);
}

GOSHIM_HOOK(int, ftruncate)(int fd, off_t n) {
  return declared(&Real::ftruncate, SYS_ftruncate, fd, n);
}
GOSHIM_EXPORT_AS(ftruncate64, ftruncate);

GOSHIM_HOOK(int, truncate)(const char* path, off_t n) {
  return declared(&Real::truncate, SYS_truncate, path, n);
}
GOSHIM_EXPORT_AS(truncate64, truncate);

GOSHIM_HOOK(int, fallocate)(int fd, int mode, off_t from, off_t n) {
  return declared<kCancels>(&Real::fallocate, SYS_fallocate, fd, mode, from, n);
}
GOSHIM_EXPORT_AS(fallocate64, fallocate);

// Returns the error. Where the file system cannot, libc writes zeros by calls of its own.
GOSHIM_HOOK(int, posix_fallocate)(int fd, off_t from, off_t n) {
  if (!on_goroutine()) return real.posix_fallocate(fd, from, n);
  const long r = declared_call<kMayBlock>([&] { return os::sys(SYS_fallocate, fd, 0, from, n); });
  return r == -EOPNOTSUPP ? real.posix_fallocate(fd, from, n) : static_cast<int>(-r);
}
GOSHIM_EXPORT_AS(posix_fallocate64, posix_fallocate);

GOSHIM_HOOK(ssize_t, copy_file_range)
(int in, off64_t* in_at, int out, off64_t* out_at, size_t n, unsigned flags) {
  return declared<kCancels>(&Real::copy_file_range, SYS_copy_file_range, in, in_at, out, out_at, n,
                            flags);
}

GOSHIM_HOOK(ssize_t, tee)(int in, int out, size_t n, unsigned flags) {
  return declared<kCancels>(&Real::tee, SYS_tee, in, out, n, flags);
}

// ---- names ----

GOSHIM_HOOK(int, rename)(const char* from, const char* to) {
  return declared(&Real::rename, SYS_rename, from, to);
}

GOSHIM_HOOK(int, renameat)(int from_dir, const char* from, int to_dir, const char* to) {
  return declared(&Real::renameat, SYS_renameat, from_dir, from, to_dir, to);
}

GOSHIM_HOOK(int, renameat2)
(int from_dir, const char* from, int to_dir, const char* to, unsigned flags) {
  return declared(&Real::renameat2, SYS_renameat2, from_dir, from, to_dir, to, flags);
}

GOSHIM_HOOK(int, unlink)(const char* path) { return declared(&Real::unlink, SYS_unlink, path); }

GOSHIM_HOOK(int, unlinkat)(int dir, const char* path, int flags) {
  return declared(&Real::unlinkat, SYS_unlinkat, dir, path, flags);
}

GOSHIM_HOOK(int, link)(const char* from, const char* to) {
  return declared(&Real::link, SYS_link, from, to);
}

GOSHIM_HOOK(int, linkat)(int from_dir, const char* from, int to_dir, const char* to, int flags) {
  return declared(&Real::linkat, SYS_linkat, from_dir, from, to_dir, to, flags);
}

GOSHIM_HOOK(int, symlink)(const char* target, const char* path) {
  return declared(&Real::symlink, SYS_symlink, target, path);
}

GOSHIM_HOOK(int, symlinkat)(const char* target, int dir, const char* path) {
  return declared(&Real::symlinkat, SYS_symlinkat, target, dir, path);
}

GOSHIM_HOOK(int, mkdir)(const char* path, mode_t mode) {
  return declared(&Real::mkdir, SYS_mkdir, path, mode);
}

GOSHIM_HOOK(int, mkdirat)(int dir, const char* path, mode_t mode) {
  return declared(&Real::mkdirat, SYS_mkdirat, dir, path, mode);
}

GOSHIM_HOOK(int, rmdir)(const char* path) { return declared(&Real::rmdir, SYS_rmdir, path); }

GOSHIM_HOOK(int, stat)(const char* path, struct stat* st) {
  return declared(&Real::stat, SYS_stat, path, st);
}
GOSHIM_EXPORT_AS(stat64, stat);

GOSHIM_HOOK(int, lstat)(const char* path, struct stat* st) {
  return declared(&Real::lstat, SYS_lstat, path, st);
}
GOSHIM_EXPORT_AS(lstat64, lstat);

GOSHIM_HOOK(int, fstatat)(int dir, const char* path, struct stat* st, int flags) {
  return declared(&Real::fstatat, SYS_newfstatat, dir, path, st, flags);
}
GOSHIM_EXPORT_AS(fstatat64, fstatat);

GOSHIM_HOOK(int, statx)
(int dir, const char* path, int flags, unsigned mask, struct statx* st) {
  return declared(&Real::statx, SYS_statx, dir, path, flags, mask, st);
}

// ---- locks ----

GOSHIM_HOOK(int, flock)(int fd, int operation) {
  if (!on_goroutine()) return elsewhere_plain(&Real::flock, SYS_flock, fd, operation);
  if ((operation & (LOCK_NB | LOCK_UN)) != 0) return result<int>(os::sys(SYS_flock, fd, operation));
  return result<int>(try_then_wait<kMayBlock>(
      -EAGAIN, [&] { return os::sys(SYS_flock, fd, operation | LOCK_NB); },
      [&] { return os::sys(SYS_flock, fd, operation); }));
}

GOSHIM_HOOK(int, lockf)(int fd, int cmd, off_t n) {
  return on_goroutine() && cmd == F_LOCK ? lock_section(fd, n) : real.lockf(fd, cmd, n);
}
GOSHIM_EXPORT_AS(lockf64, lockf);
