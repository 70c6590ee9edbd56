// covers: unshare setns
// A thread that leaves a namespace takes those with it that it creates, and no other; setns brings it back.
#include "../help.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

static void* sees(void* arg) {
  struct utsname u;
  sleep_ms(1);
  CHECK_OK(uname(&u));
  CHECK_STR(u.nodename, (char*)arg);
  return NULL;
}

static void* leaves(void* arg) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/uts", getpid());
  int fd = open(path, O_RDONLY);
  CHECK(fd >= 0);
  if (unshare(CLONE_NEWUTS) != 0) return (void*)1;
  CHECK_OK(sethostname("elsewhere", 9));
  for (int i = 0; i < 5; i++) {
    sleep_ms(1);
    sees("elsewhere");
    JOIN(THREAD(sees, "elsewhere"));
  }
  CHECK_OK(setns(fd, CLONE_NEWUTS));
  sees(arg);
  close(fd);
  return NULL;
}

int main(void) {
  struct utsname u;
  CHECK_OK(uname(&u));
  pthread_t a = THREAD(leaves, u.nodename);
  for (int i = 0; i < 20; i++) JOIN(THREAD(sees, u.nodename));
  if (JOIN(a)) SKIP("no namespaces to be had");
  return 0;
}
