// What the hooks of file.cc and ipc.cc do on a G.
#pragma once

#include "preload/declared.h"

namespace goshim {

// fcntl(fd, F_SETLKW or F_OFD_SETLKW, lock).
inline bool waits_for_lock(int cmd) { return cmd == F_SETLKW || cmd == F_OFD_SETLKW; }
int lock_record(int fd, int cmd, struct flock* lock);

// lockf(fd, F_LOCK, n).
int lock_section(int fd, off_t n);

// A mode is read from open's arguments only with these.
inline bool needs_mode(int flags) {
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

// semtimedop, or -errno; timeout may be null.
long sem_op(int id, struct sembuf* ops, size_t n, const struct timespec* timeout);

int wait_for_aio(const struct aiocb* const list[], int n, const struct timespec* timeout);

// An ioctl that a background process may not make on its terminal.
bool changes_terminal(unsigned long request);

}  // namespace goshim
