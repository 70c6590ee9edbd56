// covers: gettid
// The id of a thread that has ended names nobody, and no thread made soon after has it.
#include "../help.h"

#include <signal.h>
#include <sys/syscall.h>

enum { kThreads = 2000 };

static void* body(void* arg) {
  *(pid_t*)arg = gettid();
  return NULL;
}

static int by_value(const void* a, const void* b) {
  return *(const pid_t*)a < *(const pid_t*)b ? -1 : *(const pid_t*)a > *(const pid_t*)b;
}

int main(void) {
  static pid_t ids[kThreads];
  for (int i = 0; i < kThreads; i++) {
    JOIN(THREAD(body, &ids[i]));
    // Of kernel threads, joined ones may be there for a moment yet.
    if (i > 10) CHECK(syscall(SYS_tgkill, getpid(), ids[i - 10], 0) == -1 && errno == ESRCH);
  }
  qsort(ids, kThreads, sizeof ids[0], by_value);
  for (int i = 1; i < kThreads; i++) CHECK(ids[i] != ids[i - 1]);
  return 0;
}
