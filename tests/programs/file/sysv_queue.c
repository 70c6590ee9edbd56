// covers: msgrcv msgsnd
// 32 receivers blocked at once, each on a type of its own; a full queue blocks the sender; types, sizes and errors.
#include "../help.h"

#include <signal.h>
#include <sys/ipc.h>
#include <sys/msg.h>

enum { kReceivers = 32 };
struct message {
  long type;
  char text[512];
};

static int id, full_sent, interrupted;

static void* receiver(void* arg) {
  struct message m;
  CHECK_EQ(msgrcv(id, &m, sizeof m.text, (long)arg, 0), (long)arg);
  CHECK_EQ(m.type, (long)arg);
  return arg;
}

static void* filler(void* arg) {
  struct message m = {.type = 1000};
  for (int i = 0; i < 100; i++) {
    CHECK_OK(msgsnd(id, &m, sizeof m.text, 0));
    __atomic_add_fetch(&full_sent, 1, __ATOMIC_SEQ_CST);
  }
  return arg;
}

static void handler(int sig) { (void)sig; }

static void* victim(void* arg) {
  struct message m;
  CHECK_ERRNO(msgrcv(id, &m, sizeof m.text, 7777, 0), EINTR);  // SA_RESTART or not
  __atomic_store_n(&interrupted, 1, __ATOMIC_SEQ_CST);
  return arg;
}

int main(void) {
  id = msgget(IPC_PRIVATE, 0600 | IPC_CREAT);
  if (id < 0) return 77;
  pthread_t t[kReceivers];
  struct message m = {.type = 1};
  for (long i = 0; i < kReceivers; i++) t[i] = THREAD(receiver, (void*)(i + 1));
  sleep_ms(10);
  for (long i = kReceivers; i >= 1; i--) {
    m.type = i;
    CHECK_OK(msgsnd(id, &m, (size_t)i, 0));
  }
  for (int i = 0; i < kReceivers; i++) JOIN(t[i]);

  struct msqid_ds ds;
  CHECK_OK(msgctl(id, IPC_STAT, &ds));
  ds.msg_qbytes = 8 * sizeof m.text;
  CHECK_OK(msgctl(id, IPC_SET, &ds));
  pthread_t f = THREAD(filler, NULL);
  while (__atomic_load_n(&full_sent, __ATOMIC_SEQ_CST) < 8) sleep_ms(1);
  sleep_ms(5);
  CHECK(__atomic_load_n(&full_sent, __ATOMIC_SEQ_CST) <= 8);
  m.type = 1;
  CHECK_ERRNO(msgsnd(id, &m, sizeof m.text, IPC_NOWAIT), EAGAIN);
  for (int i = 0; i < 100; i++) CHECK_EQ(msgrcv(id, &m, sizeof m.text, 0, 0), (long)sizeof m.text);
  JOIN(f);
  CHECK_ERRNO(msgrcv(id, &m, sizeof m.text, 0, IPC_NOWAIT), ENOMSG);

  struct sigaction sa = {.sa_handler = handler, .sa_flags = SA_RESTART};
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
  f = THREAD(victim, NULL);
  while (!__atomic_load_n(&interrupted, __ATOMIC_SEQ_CST)) {
    sleep_ms(3);
    pthread_kill(f, SIGUSR1);
  }
  JOIN(f);
  CHECK_OK(msgctl(id, IPC_RMID, NULL));
  CHECK_ERRNO(msgrcv(id, &m, sizeof m.text, 0, 0), EINVAL);
  return 0;
}
