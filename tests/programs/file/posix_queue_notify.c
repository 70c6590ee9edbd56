// covers: mq_notify mq_receive mq_timedreceive mq_send
// A message that a blocked receiver takes is not told of; one that nobody waits for is, once.
#include "../help.h"

#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>

enum { kTries = 9 };

static mqd_t q;
static int told;
static bool timed;

static void on_message(int sig) {
  (void)sig;
  __atomic_add_fetch(&told, 1, __ATOMIC_SEQ_CST);
}

static void* receiver(void* arg) {
  char c = 0;
  struct timespec far = {.tv_sec = time(NULL) + 1000};
  CHECK_EQ(timed ? mq_timedreceive(q, &c, 1, NULL, &far) : mq_receive(q, &c, 1, NULL), 1);
  CHECK_EQ(c, 'w');
  return arg;
}

// Nobody can see from here that the receiver has fallen asleep; but if it is left enough time it has. A notification, and
// be it none, ends the registration.
static bool is_taken_quietly(int ms) {
  const struct sigevent how = {.sigev_notify = SIGEV_NONE};
  pthread_t t = THREAD(receiver, NULL);
  sleep_ms(ms);
  CHECK_OK(mq_notify(q, &how));
  CHECK_OK(mq_send(q, "w", 1, 0));
  JOIN(t);
  bool quiet = mq_notify(q, &how) != 0;
  if (quiet) CHECK_EQ(errno, EBUSY);
  CHECK_OK(mq_notify(q, NULL));
  return quiet;
}

int main(void) {
  char name[32];
  snprintf(name, sizeof name, "/test-mqn-%d", (int)getpid());
  struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 1};
  q = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
  if (q < 0) return 77;
  CHECK_OK(mq_unlink(name));
  struct sigaction sa = {.sa_handler = on_message, .sa_flags = SA_RESTART};
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));

  for (int i = 0; i < 2; i++, timed = true) {
    int tries = 0;
    while (!is_taken_quietly(1 << tries)) CHECK(++tries < kTries);
  }

  const struct sigevent how = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  CHECK_OK(mq_notify(q, &how));
  CHECK_OK(mq_send(q, "1", 1, 0));
  while (!__atomic_load_n(&told, __ATOMIC_SEQ_CST)) sleep_ms(1);
  CHECK_OK(mq_send(q, "2", 1, 0));
  char c;
  for (int i = 0; i < 2; i++) CHECK_EQ(mq_receive(q, &c, 1, NULL), 1);
  CHECK_OK(mq_send(q, "3", 1, 0));
  CHECK_EQ(mq_receive(q, &c, 1, NULL), 1);
  CHECK_EQ(__atomic_load_n(&told, __ATOMIC_SEQ_CST), 1);
  CHECK_OK(mq_close(q));
  return 0;
}
