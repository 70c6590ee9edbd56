// covers: pread preadv fsync fdatasync
// 50 threads read one file that the page cache has not, at random places and across its end; what they read is right.
// configs: quick
#include "../help.h"

#include <fcntl.h>
#include <sys/uio.h>

enum { kWords = 1 << 20, kThreads = 50, kReads = 40 };

static int fd;

static void check(const uint32_t* words, size_t n, size_t first) {
  for (size_t i = 0; i < n; i++) CHECK_EQ(words[i], (uint32_t)(first + i) * 2654435761u);
}

static void* body(void* arg) {
  unsigned seed = (unsigned)(long)arg;
  static __thread uint32_t buf[4096];
  for (int i = 0; i < kReads; i++) {
    size_t at = (size_t)rand_r(&seed) % kWords, n = 1 + (size_t)rand_r(&seed) % 4096;
    size_t want = at + n > kWords ? kWords - at : n;
    if (i % 3 == 0) {
      struct iovec v[2] = {{buf, n / 2 * 4}, {buf + n / 2, (n - n / 2) * 4}};
      CHECK_EQ(preadv(fd, v, 2, (off_t)at * 4), (ssize_t)want * 4);
    } else {
      CHECK_EQ(pread(fd, buf, n * 4, (off_t)at * 4), (ssize_t)want * 4);
    }
    check(buf, want, at);
    if (i == kReads / 2) CHECK_OK((long)arg % 2 ? fsync(fd) : fdatasync(fd));
  }
  CHECK_EQ(pread(fd, buf, 4, (off_t)kWords * 4), 0);
  CHECK_ERRNO(pread(fd, buf, 4, -1), EINVAL);
  return arg;
}

int main(void) {
  char name[] = "test-XXXXXX";
  fd = mkstemp(name);
  CHECK(fd >= 0);
  CHECK_OK(unlink(name));
  uint32_t* words = malloc(kWords * sizeof *words);
  for (uint32_t i = 0; i < kWords; i++) words[i] = i * 2654435761u;
  write_all(fd, words, kWords * sizeof *words);
  free(words);
  CHECK_OK(fsync(fd));
  CHECK_OK(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
  pthread_t t[kThreads];
  for (long i = 0; i < kThreads; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < kThreads; i++) JOIN(t[i]);
  return 0;
}
