// covers: open pthread_kill pthread_cancel
// A signal without SA_RESTART ends the open of a FIFO with EINTR; cancellation ends the thread in it.
#include "../help.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

static int waiting, cleaned;

static void handler(int sig) { (void)sig; }

static void* interrupted(void* arg) {
  __atomic_store_n(&waiting, 1, __ATOMIC_SEQ_CST);
  CHECK_ERRNO(open("fifo", O_RDONLY), EINTR);
  __atomic_store_n(&waiting, 2, __ATOMIC_SEQ_CST);
  return arg;
}

static void cleanup(void* arg) { cleaned += *(int*)arg; }

static void* cancelled(void* arg) {
  int one = 1;
  pthread_cleanup_push(cleanup, &one);
  open("fifo", O_RDONLY);
  CHECK(!"cancelled");
  pthread_cleanup_pop(0);
  return arg;
}

int main(void) {
  struct sigaction sa = {.sa_handler = handler};
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
  CHECK_OK(mkfifo("fifo", 0600));
  pthread_t t = THREAD(interrupted, NULL);
  while (__atomic_load_n(&waiting, __ATOMIC_SEQ_CST) == 0) sleep_ms(1);
  while (__atomic_load_n(&waiting, __ATOMIC_SEQ_CST) == 1) {
    pthread_kill(t, SIGUSR1);
    sleep_ms(5);
  }
  JOIN(t);
  t = THREAD(cancelled, NULL);
  sleep_ms(10);
  CHECK_OK(pthread_cancel(t));
  void* end;
  CHECK_OK(pthread_join(t, &end));
  CHECK(end == PTHREAD_CANCELED);
  CHECK_EQ(cleaned, 1);
  return 0;
}
