// covers: open pwrite pwritev pread write writev read fcntl
// Threads that write past the page cache, to the disk, at places of their own and at the end; the file is right afterwards.
#include "../help.h"

#include <fcntl.h>
#include <sys/uio.h>

enum { kThreads = 12, kRounds = 8, kPiece = 64 };
static const int kinds[] = {O_DSYNC, O_SYNC, O_DSYNC | O_APPEND, 0};
static char path[64];

static void* writes(void* arg) {
  const int id = (int)(intptr_t)arg;
  const int flags = kinds[id % 4];
  // Every thread has a descriptor of its own: what is learned of one says nothing of the others.
  const int fd = open(path, O_RDWR | flags);
  CHECK(fd >= 0);
  char piece[kPiece];
  memset(piece, 'a' + id, sizeof piece);
  struct iovec half[2] = {{piece, kPiece / 2}, {piece, kPiece / 2}};
  for (int i = 0; i < kRounds; i++) {
    const off_t at = ((off_t)id * kRounds + i) * kPiece;
    if ((flags & O_APPEND) != 0) {
      CHECK_EQ(i % 2 != 0 ? write(fd, piece, kPiece) : writev(fd, half, 2), kPiece);
    } else {
      CHECK_EQ(i % 2 != 0 ? pwrite(fd, piece, kPiece, at) : pwritev(fd, half, 2, at), kPiece);
      char back[kPiece];
      CHECK_EQ(pread(fd, back, kPiece, at), kPiece);
      CHECK_EQ(memcmp(back, piece, kPiece), 0);
    }
  }
  CHECK_ERRNO(pwrite(fd, piece, kPiece, -1), EINVAL);
  CHECK_OK(close(fd));
  CHECK_ERRNO(pwrite(fd, piece, kPiece, 0), EBADF);
  return NULL;
}

int main(void) {
  snprintf(path, sizeof path, "places.%d", (int)getpid());
  const int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
  CHECK(fd >= 0);
  const off_t area = (off_t)kThreads * kRounds * kPiece;
  CHECK_OK(ftruncate(fd, area));
  pthread_t t[kThreads];
  for (intptr_t i = 0; i < kThreads; i++) t[i] = THREAD(writes, (void*)i);
  for (int i = 0; i < kThreads; i++) JOIN(t[i]);
  CHECK_OK(unlink(path));
  int appended[kThreads] = {0};
  char piece[kPiece];
  off_t at = 0;
  for (; pread(fd, piece, kPiece, at) == kPiece; at += kPiece) {
    for (int i = 1; i < kPiece; i++) CHECK_EQ(piece[i], piece[0]);
    const int place = (int)(at / kPiece / kRounds);
    if (at >= area)
      appended[piece[0] - 'a']++;
    else
      CHECK_EQ(piece[0], place % 4 == 2 ? 0 : 'a' + place);
  }
  for (int i = 0; i < kThreads; i++) CHECK_EQ(appended[i], i % 4 == 2 ? kRounds : 0);
  CHECK_EQ(at, area + kThreads / 4 * kRounds * kPiece);
  return 0;
}
