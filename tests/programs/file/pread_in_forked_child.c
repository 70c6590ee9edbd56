// covers: pread
// A child of fork, made while files are read, reads uncached files in threads of its own; so does the parent after it.
// A handler runs after the read that it came into, and the read is whole.
#include "../help.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

enum { kSize = 4 << 20 };

static int fd, handled;

static void handler(int sig) {
  (void)sig;
  __atomic_add_fetch(&handled, 1, __ATOMIC_SEQ_CST);
}

static void* body(void* arg) {
  unsigned seed = (unsigned)(long)arg;
  char buf[4096];
  for (int i = 0; i < 20; i++) {
    off_t at = rand_r(&seed) % (kSize / 4096) * 4096;
    CHECK_EQ(pread(fd, buf, sizeof buf, at), (ssize_t)sizeof buf);
    CHECK_EQ(buf[0], (char)(at / 4096));
    CHECK_EQ(buf[4095], (char)(at / 4096));
  }
  return arg;
}

static void round_of_reads(void) {
  CHECK_OK(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
  pthread_t t[20];
  for (long i = 0; i < 20; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 20; i++) CHECK_OK(pthread_kill(t[i], SIGUSR1));
  for (int i = 0; i < 20; i++) JOIN(t[i]);
}

int main(void) {
  char name[] = "test-XXXXXX", page[4096];
  struct sigaction sa = {.sa_handler = handler};
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
  fd = mkstemp(name);
  CHECK(fd >= 0);
  CHECK_OK(unlink(name));
  for (int i = 0; i < kSize / 4096; i++) {
    memset(page, (char)i, sizeof page);
    write_all(fd, page, sizeof page);
  }
  CHECK_OK(fsync(fd));
  round_of_reads();
  pid_t child = fork();
  if (child == 0) {
    round_of_reads();
    _exit(0);
  }
  round_of_reads();
  int status;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  CHECK(handled > 0);
  return 0;
}
