// covers: semop
// SEM_UNDO is the process's: a thread's end undoes nothing.
#include "../help.h"

#include <sys/ipc.h>
#include <sys/sem.h>

static int id;

static void* raise_one(void* arg) {
  struct sembuf up = {0, 1, SEM_UNDO};
  CHECK_OK(semop(id, &up, 1));
  return arg;
}

int main(void) {
  id = semget(IPC_PRIVATE, 1, 0600 | IPC_CREAT);
  if (id < 0) return 77;
  pthread_t t[8];
  for (int i = 0; i < 8; i++) t[i] = THREAD(raise_one, NULL);
  for (int i = 0; i < 8; i++) JOIN(t[i]);
  CHECK_EQ(semctl(id, 0, GETVAL), 8);
  CHECK_OK(semctl(id, 0, IPC_RMID));
  return 0;
}
