// covers: msgrcv msgsnd semop semtimedop
// also: GOSHIM_PATCH=0
// 32 threads in msgrcv, then in msgsnd on full queues, then in semop and semtimedop.
#include "blocked.h"

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>

struct Message {
  long type;
  char text[1000];
};

static int queue, full[kBlocked], semaphores;

static void receive(int i) {
  struct Message m;
  CHECK_EQ(msgrcv(queue, &m, sizeof m.text, i + 1, 0), 4);
  CHECK_EQ(memcmp(m.text, "text", 4), 0);
}

static void send_it(int i) {
  struct Message m = {.type = i + 1, .text = "text"};
  CHECK_OK(msgsnd(queue, &m, 4, 0));
}

static void fill(int id) {
  struct Message m = {.type = 1};
  while (msgsnd(id, &m, sizeof m.text, IPC_NOWAIT) == 0) {
  }
  CHECK_EQ(errno, EAGAIN);
}

static void send_to_full(int i) {
  struct Message m = {.type = 2};
  CHECK_OK(msgsnd(full[i], &m, sizeof m.text, 0));
}

static void make_room(int i) {
  struct Message m;
  CHECK_EQ(msgrcv(full[i], &m, sizeof m.text, 1, 0), sizeof m.text);
}

static void down(int i) {
  struct sembuf one = {.sem_num = (unsigned short)i, .sem_op = -1};
  struct timespec minute = {60, 0};
  CHECK_OK(i % 2 ? semop(semaphores, &one, 1) : semtimedop(semaphores, &one, 1, &minute));
}

static void up(int i) {
  struct sembuf one = {.sem_num = (unsigned short)i, .sem_op = 1};
  CHECK_OK(semop(semaphores, &one, 1));
}

// Such objects outlive the process, also one that fails.
static void remove_all(void) {
  msgctl(queue, IPC_RMID, NULL);
  for (int i = 0; i < kBlocked; i++) msgctl(full[i], IPC_RMID, NULL);
  semctl(semaphores, 0, IPC_RMID);
}

int main(void) {
  queue = msgget(IPC_PRIVATE, 0600);
  if (queue < 0) SKIP("no message queues");
  semaphores = semget(IPC_PRIVATE, kBlocked, 0600);
  CHECK(semaphores >= 0);
  atexit(remove_all);
  run_blocked(receive, send_it);
  for (int i = 0; i < kBlocked; i++) {
    full[i] = msgget(IPC_PRIVATE, 0600);
    CHECK(full[i] >= 0);
    fill(full[i]);
  }
  run_blocked(send_to_full, make_room);
  run_blocked(down, up);
  return 0;
}
