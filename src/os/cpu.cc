#include "os/cpu.h"

#include <string.h>

#include "os/proc_self.h"
#include "os/syscall.h"

namespace goshim::os {

namespace {

long to_long(const char*& s) {
  while (*s == ' ' || *s == '\n') s++;
  if (*s < '0' || *s > '9') return -1;
  long v = 0;
  while (*s >= '0' && *s <= '9') v = v * 10 + (*s++ - '0');
  return v;
}

int quota_cpus(long quota, long period) {
  if (quota <= 0 || period <= 0) return 0;
  return static_cast<int>((quota + period - 1) / period);
}

// The quota of our own cgroup, version 2 then 1. 0: none. Only the leaf is read: a parent's tighter quota still
// throttles us, as it would any program.
int cgroup_cpus() {
  char buf[512];
  static char path[600];  // called once, before there are threads
  read_file("/proc/self/cgroup", buf, sizeof buf);
  const char* v2 = strstr(buf, "0::/");
  if (v2 != nullptr) {
    const char* name = v2 + 3;
    size_t len = strcspn(name, "\n");
    if (len < 500) {
      memcpy(path, "/sys/fs/cgroup", 14);
      memcpy(path + 14, name, len);
      memcpy(path + 14 + len, "/cpu.max", 9);
      read_file(path, buf, sizeof buf);
      const char* s = buf;
      long quota = to_long(s);
      long period = to_long(s);
      if (quota > 0) return quota_cpus(quota, period);
    }
  }
  read_file("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", buf, sizeof buf);
  const char* s = buf;
  long quota = to_long(s);
  if (quota <= 0) return 0;
  read_file("/sys/fs/cgroup/cpu/cpu.cfs_period_us", buf, sizeof buf);
  s = buf;
  return quota_cpus(quota, to_long(s));
}

}  // namespace

int cpus_allowed() {
  static unsigned long mask[128];  // not on a G's small stack; called once
  long bytes = sys(SYS_sched_getaffinity, 0, sizeof mask, static_cast<unsigned long*>(mask));
  int n = 0;
  for (long i = 0; i < bytes / static_cast<long>(sizeof mask[0]); i++) {
    n += __builtin_popcountl(mask[i]);
  }
  if (n < 1) n = 1;
  int quota = cgroup_cpus();
  return quota > 0 && quota < n ? quota : n;
}

}  // namespace goshim::os
