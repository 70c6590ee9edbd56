// covers: aio_suspend tcdrain
// Threads wait for asynchronous reads, one of which comes late; tcdrain waits for nothing on a drained terminal.
#include "../help.h"

#include <aio.h>
#include <fcntl.h>
#include <termios.h>

static int pipes[2];

static void* reader(void* arg) {
  char c = 0;
  struct aiocb cb = {.aio_fildes = pipes[0], .aio_buf = &c, .aio_nbytes = 1};
  const struct aiocb* list[1] = {&cb};
  struct timespec t20 = {0, 20000000};
  CHECK_OK(aio_read(&cb));
  long long start = now_ms();
  CHECK_ERRNO(aio_suspend(list, 1, &t20), EAGAIN);
  CHECK(now_ms() - start >= 19);
  __atomic_add_fetch((int*)arg, 1, __ATOMIC_SEQ_CST);
  while (aio_error(&cb) == EINPROGRESS) CHECK_OK(aio_suspend(list, 1, NULL));
  CHECK_EQ(aio_return(&cb), 1);
  return NULL;
}

int main(void) {
  CHECK_OK(pipe(pipes));
  int late = 0;
  pthread_t t = THREAD(reader, &late);
  while (__atomic_load_n(&late, __ATOMIC_SEQ_CST) == 0) sleep_ms(1);
  sleep_ms(5);
  write_all(pipes[1], "x", 1);
  JOIN(t);
  int pty = posix_openpt(O_RDWR | O_NOCTTY);
  if (pty >= 0) CHECK_OK(tcdrain(pty));
  CHECK_ERRNO(tcdrain(pipes[0]), ENOTTY);
  return 0;
}
