// read and write. What waits for an fd parks; what has a file offset is for files, which never say
// EAGAIN.
#include "netpoll/fd_io.h"
#include "netpoll/file_io.h"
#include "preload/blocking.h"

using namespace goshim;

GOSHIM_HOOK(ssize_t, read)(int fd, void* buf, size_t n) {
  return fd_io(&Real::read, SYS_read, fd_read, fd, buf, n);
}
GOSHIM_EXPORT_AS(__read, read);

GOSHIM_HOOK(ssize_t, readv)(int fd, const struct iovec* iov, int count) {
  return fd_io(&Real::readv, SYS_readv, fd_readv, fd, iov, count);
}

GOSHIM_HOOK(ssize_t, write)(int fd, const void* buf, size_t n) {
  return fd_io(&Real::write, SYS_write, fd_write, fd, buf, n);
}
GOSHIM_EXPORT_AS(__write, write);

GOSHIM_HOOK(ssize_t, writev)(int fd, const struct iovec* iov, int count) {
  return fd_io(&Real::writev, SYS_writev, fd_writev, fd, iov, count);
}

GOSHIM_HOOK(ssize_t, pread)(int fd, void* buf, size_t n, off_t at) {
  return fd_io(&Real::pread, SYS_pread64, fd_pread, fd, buf, n, at);
}
GOSHIM_EXPORT_AS(pread64, pread);
GOSHIM_EXPORT_AS(__pread64, pread);

GOSHIM_HOOK(ssize_t, pwrite)(int fd, const void* buf, size_t n, off_t at) {
  return fd_io(&Real::pwrite, SYS_pwrite64, fd_pwrite, fd, buf, n, at);
}
GOSHIM_EXPORT_AS(pwrite64, pwrite);
GOSHIM_EXPORT_AS(__pwrite64, pwrite);

// The offset is one register on this machine; the kernel ignores the high half.
GOSHIM_HOOK(ssize_t, preadv)(int fd, const struct iovec* iov, int count, off_t at) {
  return fd_io(&Real::preadv, SYS_preadv, fd_preadv, fd, iov, count, at);
}
GOSHIM_EXPORT_AS(preadv64, preadv);

GOSHIM_HOOK(ssize_t, pwritev)(int fd, const struct iovec* iov, int count, off_t at) {
  return fd_io(&Real::pwritev, SYS_pwritev, fd_pwritev, fd, iov, count, at);
}
GOSHIM_EXPORT_AS(pwritev64, pwritev);

GOSHIM_HOOK(ssize_t, sendfile)(int out, int in, off_t* at, size_t n) {
  return blocking(&Real::sendfile, SYS_sendfile, out, in, at, n);
}
GOSHIM_EXPORT_AS(sendfile64, sendfile);

GOSHIM_HOOK(ssize_t, splice)
(int in, off64_t* in_at, int out, off64_t* out_at, size_t n, unsigned flags) {
  return blocking(&Real::splice, SYS_splice, in, in_at, out, out_at, n, flags);
}
