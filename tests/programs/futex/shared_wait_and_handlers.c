// covers: syscall pthread_kill
// A wait on a shared word by the system call: handlers run at once, and end it or not as signal(7) says; a relative
// timeout stays as long as it is.
#include "../help.h"

#include <linux/futex.h>
#include <signal.h>
#include <sys/syscall.h>

static uint32_t word;
static volatile int handled, waiting;

static void handler(int sig) {
  (void)sig;
  handled++;
}

static long wait_word(int op, const struct timespec* timeout) {
  waiting = 1;
  const long r = syscall(SYS_futex, &word, op, 0, timeout, NULL, FUTEX_BITSET_MATCH_ANY);
  return r == 0 ? 0 : errno;
}

static void* until_woken(void* arg) {
  (void)arg;
  return (void*)wait_word(FUTEX_WAIT, NULL);
}

static void* for_a_minute(void* arg) {
  (void)arg;
  const struct timespec minute = {60, 0};
  return (void*)wait_word(FUTEX_WAIT, &minute);
}

static void* until_a_time(void* arg) {
  (void)arg;
  const struct timespec until = deadline_ms(CLOCK_MONOTONIC, 60000);
  return (void*)wait_word(FUTEX_WAIT_BITSET, &until);
}

// The thread waits; a signal's handler runs soon.
static void signal_it(pthread_t t) {
  handled = 0;
  while (!waiting) usleep(500);
  sleep_ms(2);
  CHECK_OK(pthread_kill(t, SIGUSR1));
  const long long start = now_ms();
  while (!handled) usleep(500);
  CHECK(now_ms() - start < 5000);
}

static long ended_by(void* (*fn)(void*)) {
  waiting = 0;
  pthread_t t = THREAD(fn, NULL);
  signal_it(t);
  void* r;
  CHECK_OK(pthread_join(t, &r));
  return (long)r;
}

static void install(int flags) {
  struct sigaction act;
  memset(&act, 0, sizeof act);
  act.sa_handler = handler;
  act.sa_flags = flags;
  CHECK_OK(sigaction(SIGUSR1, &act, NULL));
}

// A handler that ends nothing while somebody waits in short rounds.
static void* rounds(void* arg) {
  (void)arg;
  for (int i = 0; i < 20; i++) {
    const struct timespec some = {0, 1000000};
    const long long start = now_ns();
    const long r = wait_word(FUTEX_WAIT, &some);
    CHECK(r == ETIMEDOUT || r == EINTR);
    if (r == ETIMEDOUT) CHECK(now_ns() - start >= 1000000);
  }
  return NULL;
}

int main(void) {
  install(0);
  CHECK_EQ(ended_by(until_woken), EINTR);
  CHECK_EQ(ended_by(for_a_minute), EINTR);
  CHECK_EQ(ended_by(until_a_time), EINTR);

  install(SA_RESTART);
  CHECK_EQ(ended_by(for_a_minute), EINTR);
  waiting = 0;
  pthread_t t = THREAD(until_woken, NULL);
  for (int i = 0; i < 3; i++) signal_it(t);
  while (syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0) != 1) usleep(500);
  void* r;
  CHECK_OK(pthread_join(t, &r));
  CHECK_EQ((long)r, 0);

  t = THREAD(rounds, NULL);
  for (int i = 0; i < 10; i++) {
    CHECK_OK(pthread_kill(t, SIGUSR1));
    sleep_ms(1);
  }
  JOIN(t);

  const struct timespec bad = {0, -1};
  CHECK_EQ(wait_word(FUTEX_WAIT, &bad), EINVAL);
  CHECK_EQ(wait_word(FUTEX_WAIT, (const struct timespec*)8), EFAULT);
  const struct timespec none = {0, 0};
  CHECK_EQ(wait_word(FUTEX_WAIT, &none), ETIMEDOUT);
  word = 1;
  CHECK_EQ(wait_word(FUTEX_WAIT, &none), EAGAIN);
  return 0;
}
