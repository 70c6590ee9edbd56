// covers: setresuid pread fsync
// After threads have read files that were not in the cache, a change of credentials reaches every thread of the process,
// whoever made it.
#include "../help.h"

#include <dirent.h>
#include <fcntl.h>

enum { kThreads = 6, kBlock = 1 << 20 };

static int fd;

static void* reads(void* arg) {
  static __thread char block[65536];
  size_t at = (size_t)(uintptr_t)arg * kBlock;
  for (size_t i = 0; i < kBlock; i += sizeof block) {
    CHECK_EQ(pread(fd, block, sizeof block, (off_t)(at + i)), (ssize_t)sizeof block);
  }
  CHECK_OK(fsync(fd));
  return arg;
}

// The kernel's own workers, of io_uring, have the credentials of what they work for, which is not what is shown here.
static int is_worker(const char* status) { return strstr(status, "iou-wrk") != NULL; }

static void check_all(void) {
  DIR* d = opendir("/proc/self/task");
  CHECK(d != NULL);
  int n = 0;
  struct dirent* e;
  while ((e = readdir(d)) != NULL) {
    char path[300], text[4096];
    if (e->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "/proc/self/task/%s/status", e->d_name);
    int f = open(path, O_RDONLY);
    if (f < 0) continue;
    ssize_t got = read(f, text, sizeof text - 1);
    close(f);
    if (got <= 0) continue;
    text[got] = 0;
    if (is_worker(text)) continue;
    if (strstr(text, "\nUid:\t2\t2\t2\t2\n") == NULL) check_fail(__FILE__, __LINE__, "%s", text);
    n++;
  }
  closedir(d);
  CHECK(n > 0);
}

int main(void) {
  if (getuid() != 0) SKIP("not root");
  fd = open("data", O_RDWR | O_CREAT, 0600);
  CHECK(fd >= 0);
  char* block = malloc(kBlock);
  memset(block, 'x', kBlock);
  for (int i = 0; i < kThreads; i++) write_all(fd, block, kBlock);
  CHECK_OK(fsync(fd));
  CHECK_OK(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
  pthread_t t[kThreads];
  for (intptr_t i = 0; i < kThreads; i++) t[i] = THREAD(reads, (void*)i);
  for (int i = 0; i < kThreads; i++) JOIN(t[i]);
  CHECK_OK(setresuid(2, 2, 2));
  check_all();
  for (intptr_t i = 0; i < kThreads; i++) t[i] = THREAD(reads, (void*)i);
  for (int i = 0; i < kThreads; i++) JOIN(t[i]);
  check_all();
  free(block);
  return 0;
}
