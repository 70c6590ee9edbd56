// covers: semop semtimedop
// 32 threads wait on one semaphore until a thread raises it; two operations at once; semtimedop is never early; SEM_UNDO.
#include "../help.h"

#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/wait.h>

enum { kWaiters = 32 };

static int id, passed;

static int op(int sem, int delta, int flags) {
  struct sembuf b = {(unsigned short)sem, (short)delta, (short)flags};
  return semop(id, &b, 1);
}

static void* waiter(void* arg) {
  CHECK_OK(op(0, -1, 0));
  __atomic_add_fetch(&passed, 1, __ATOMIC_SEQ_CST);
  return arg;
}

static void* both(void* arg) {
  struct sembuf b[2] = {{0, -1, 0}, {1, -1, 0}};
  CHECK_OK(semop(id, b, 2));
  return arg;
}

int main(void) {
  id = semget(IPC_PRIVATE, 2, 0600 | IPC_CREAT);
  if (id < 0) return 77;
  pthread_t t[kWaiters];
  for (int i = 0; i < kWaiters; i++) t[i] = THREAD(waiter, NULL);
  sleep_ms(10);
  CHECK_EQ(__atomic_load_n(&passed, __ATOMIC_SEQ_CST), 0);
  for (int i = 0; i < kWaiters; i++) CHECK_OK(op(0, 1, 0));
  for (int i = 0; i < kWaiters; i++) JOIN(t[i]);
  CHECK_EQ(semctl(id, 0, GETVAL), 0);

  pthread_t b = THREAD(both, NULL);
  CHECK_OK(op(0, 1, 0));
  sleep_ms(5);
  CHECK_EQ(semctl(id, 0, GETVAL), 1);
  CHECK_OK(op(1, 1, 0));
  JOIN(b);

  CHECK_ERRNO(op(0, -1, IPC_NOWAIT), EAGAIN);
  struct sembuf down = {0, -1, 0};
  struct timespec t30 = {0, 30000000}, bad = {0, 2000000000}, zero = {0, 0};
  long long start = now_ms();
  CHECK_ERRNO(semtimedop(id, &down, 1, &t30), EAGAIN);
  CHECK(now_ms() - start >= 29);
  CHECK_ERRNO(semtimedop(id, &down, 1, &zero), EAGAIN);
  CHECK_ERRNO(semtimedop(id, &down, 1, &bad), EINVAL);
  CHECK_OK(op(0, 1, 0));
  CHECK_OK(semtimedop(id, &down, 1, &t30));

  pid_t child = fork();
  if (child == 0) {
    CHECK_OK(op(0, 3, SEM_UNDO));
    _exit(0);
  }
  CHECK_EQ(waitpid(child, NULL, 0), child);
  CHECK_EQ(semctl(id, 0, GETVAL), 0);
  CHECK_OK(semctl(id, 0, IPC_RMID));
  CHECK_ERRNO(op(0, -1, 0), EINVAL);
  return 0;
}
