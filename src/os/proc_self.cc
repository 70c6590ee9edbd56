#include "os/proc_self.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>

#include "os/syscall.h"

namespace goshim::os {

namespace {

struct DirEntry {  // linux_dirent64
  uint64_t ino;
  int64_t off;
  uint16_t len;
  uint8_t type;
  char name[1];
};

}  // namespace

long read_file(const char* path, char* buf, size_t cap) {
  buf[0] = 0;
  const long fd = sys(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return 0;
  long n = sys(SYS_read, fd, buf, cap - 1);
  if (n < 0) n = 0;
  buf[n] = 0;
  sys(SYS_close, fd);
  return n;
}

int thread_count() {
  // /proc/self/task has a link for each, and two as any directory.
  struct stat st;
  const long r = sys(SYS_newfstatat, AT_FDCWD, "/proc/self/task", &st, 0);
  return r == 0 ? static_cast<int>(st.st_nlink) - 2 : 0;
}

int count_tasks() {
  const long fd =
      sys(SYS_openat, AT_FDCWD, "/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (fd < 0) return static_cast<int>(fd);
  alignas(8) char buf[512];
  int count = 0;
  long n;
  while ((n = sys(SYS_getdents64, fd, buf, sizeof buf)) > 0) {
    for (long at = 0; at < n;) {
      const auto* e = reinterpret_cast<const DirEntry*>(buf + at);
      if (e->name[0] != '.') count++;
      at += e->len;
    }
  }
  sys(SYS_close, fd);
  return n < 0 ? static_cast<int>(n) : count;
}

}  // namespace goshim::os
