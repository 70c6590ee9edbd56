// covers: fsync fdatasync
// Many threads append to one file and sync it at once, while some are interrupted by a handler that jumps out of fsync, and one
// is cancelled: all others get on, and each error comes to each who asked for it.
#include "../help.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>

enum { kThreads = 32, kRounds = 3, kJumpers = 4 };

static int file, log_pipe[2], stop;
static __thread sigjmp_buf env;
static __thread volatile sig_atomic_t may_jump;

static void handler(int sig) {
  if (may_jump) siglongjmp(env, sig);
}

static int sync_it(int fd, int i) { return i % 2 ? fsync(fd) : fdatasync(fd); }

static void* appender(void* arg) {
  int i = (int)(intptr_t)arg, own = dup(file);
  CHECK(own >= 0);
  for (int k = 0; k < kRounds; k++) {
    char record[16];
    snprintf(record, sizeof record, "%7d %7d", i, k);
    CHECK_EQ(write(file, record, sizeof record), sizeof record);
    CHECK_OK(sync_it(i % 8 ? file : own, i));
    CHECK_ERRNO(sync_it(-1, i), EBADF);
    CHECK_ERRNO(sync_it(log_pipe[0], i), EINVAL);
  }
  close(own);
  return arg;
}

static void* jumper(void* arg) {
  volatile long synced = 0;
  while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) {
    if (sigsetjmp(env, 1) == 0) {
      may_jump = 1;
      CHECK_OK(sync_it(file, (int)synced++));
    }
    may_jump = 0;
  }
  return arg;
}

static void* cancelled(void* arg) {
  for (;;) CHECK_OK(fsync(file));
  return arg;
}

static void check_records(void) {
  static char seen[kThreads][kRounds];
  char record[16];
  for (int n = 0; n < kThreads * kRounds; n++) {
    int i, k;
    CHECK_EQ(pread(file, record, sizeof record, n * (off_t)sizeof record), sizeof record);
    CHECK_EQ(sscanf(record, "%d %d", &i, &k), 2);
    CHECK_EQ(seen[i][k]++, 0);
  }
  CHECK_EQ(pread(file, record, 1, kThreads * kRounds * (off_t)sizeof record), 0);
}

int main(void) {
  char name[] = "synced-XXXXXX";
  file = mkstemp(name);
  CHECK(file >= 0);
  CHECK_OK(fcntl(file, F_SETFL, O_APPEND));
  CHECK_OK(pipe(log_pipe));
  struct sigaction act = {.sa_handler = handler};
  CHECK_OK(sigaction(SIGUSR1, &act, NULL));
  pthread_t t[kThreads], j[kJumpers], c = THREAD(cancelled, NULL);
  for (int i = 0; i < kJumpers; i++) j[i] = THREAD(jumper, NULL);
  for (intptr_t i = 0; i < kThreads; i++) t[i] = THREAD(appender, (void*)i);
  for (int i = 0; i < kThreads; i++) {
    CHECK_OK(pthread_kill(j[i % kJumpers], SIGUSR1));
    if (i == kThreads / 2) CHECK_OK(pthread_cancel(c));
    JOIN(t[i]);
  }
  CHECK(JOIN(c) == PTHREAD_CANCELED);
  __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
  for (int i = 0; i < kJumpers; i++) JOIN(j[i]);
  check_records();
  CHECK_OK(unlink(name));
  return 0;
}
