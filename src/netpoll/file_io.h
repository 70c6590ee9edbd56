// Reading at a place, as the hooks make it: result or -errno.
//
// What the page cache has is served at once (RWF_NOWAIT); what it has not, the ring (file_ring.h) brings in while the G
// is parked. read(2) moves the file's position, which other processes may share, and RWF_NOWAIT may stop short in the
// middle: so it, and all writing, is one plain call that may block its M.
#pragma once

#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

namespace goshim {

long fd_pread(int fd, void* buf, size_t n, off_t at);
long fd_preadv(int fd, const iovec* iov, int count, off_t at);
long fd_pwrite(int fd, const void* buf, size_t n, off_t at);
long fd_pwritev(int fd, const iovec* iov, int count, off_t at);

}  // namespace goshim
