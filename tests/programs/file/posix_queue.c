// covers: mq_open mq_close mq_receive mq_send mq_timedreceive mq_timedsend
// 32 receivers blocked at once; a full queue blocks senders; priorities; timeouts never early; O_NONBLOCK; EINTR.
#include "../help.h"

#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>

enum { kReceivers = 32, kEach = 5 };

static mqd_t q;
static int sum, interrupted;

static void* receiver(void* arg) {
  for (int i = 0; i < kEach; i++) {
    int value;
    CHECK_EQ(mq_receive(q, (char*)&value, sizeof value, NULL), (long)sizeof value);
    __atomic_add_fetch(&sum, value, __ATOMIC_SEQ_CST);
  }
  return arg;
}

static void* sender(void* arg) {
  for (int i = 0; i < kReceivers * kEach / 2; i++) {
    int value = (int)(long)arg;
    CHECK_OK(mq_send(q, (char*)&value, sizeof value, 0));
  }
  return arg;
}

static void handler(int sig) { (void)sig; }

static void* victim(void* arg) {
  int value;
  CHECK_ERRNO(mq_receive(q, (char*)&value, sizeof value, NULL), EINTR);
  __atomic_store_n(&interrupted, 1, __ATOMIC_SEQ_CST);
  return arg;
}

static struct timespec soon(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  t.tv_nsec += 30000000;
  if (t.tv_nsec >= 1000000000) {
    t.tv_sec++;
    t.tv_nsec -= 1000000000;
  }
  return t;
}

int main(void) {
  char name[32];
  snprintf(name, sizeof name, "/test-mq-%d", (int)getpid());
  struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = sizeof(int)};
  q = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
  if (q < 0) return 77;
  CHECK_OK(mq_unlink(name));
  pthread_t r[kReceivers], s[2];
  for (int i = 0; i < kReceivers; i++) r[i] = THREAD(receiver, NULL);
  sleep_ms(10);
  for (long i = 0; i < 2; i++) s[i] = THREAD(sender, (void*)(i + 1));
  for (int i = 0; i < kReceivers; i++) JOIN(r[i]);
  for (int i = 0; i < 2; i++) JOIN(s[i]);
  CHECK_EQ(sum, kReceivers * kEach / 2 * 3);

  int value = 7;
  unsigned priority;
  struct timespec end = soon(), bad = {0, -1};
  CHECK_ERRNO(mq_timedreceive(q, (char*)&value, sizeof value, NULL, &end), ETIMEDOUT);
  CHECK(past(CLOCK_REALTIME, end));
  CHECK_ERRNO(mq_timedreceive(q, (char*)&value, sizeof value, NULL, &bad), EINVAL);
  CHECK_ERRNO(mq_receive(q, (char*)&value, 1, NULL), EMSGSIZE);
  for (unsigned i = 0; i < 4; i++) {
    value = (int)i;
    CHECK_OK(mq_send(q, (char*)&value, sizeof value, i));
  }
  end = soon();
  CHECK_ERRNO(mq_timedsend(q, (char*)&value, sizeof value, 0, &end), ETIMEDOUT);
  CHECK(past(CLOCK_REALTIME, end));
  for (unsigned i = 4; i-- > 0;) {
    CHECK_EQ(mq_receive(q, (char*)&value, sizeof value, &priority), (long)sizeof value);
    CHECK_EQ(value, (int)i);
    CHECK_EQ(priority, i);
  }
  struct sigaction sa = {.sa_handler = handler};
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
  pthread_t v = THREAD(victim, NULL);
  while (!__atomic_load_n(&interrupted, __ATOMIC_SEQ_CST)) {
    sleep_ms(3);
    pthread_kill(v, SIGUSR1);
  }
  JOIN(v);
  attr.mq_flags = O_NONBLOCK;
  CHECK_OK(mq_setattr(q, &attr, NULL));
  CHECK_ERRNO(mq_receive(q, (char*)&value, sizeof value, NULL), EAGAIN);
  CHECK_OK(mq_close(q));
  CHECK_ERRNO(mq_receive(q, (char*)&value, sizeof value, NULL), EBADF);
  return 0;
}
