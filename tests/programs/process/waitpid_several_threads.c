// covers: waitpid waitid wait4
// Several threads wait for their own children, which end in another order; WNOHANG sees a living
// one.
#include "../help.h"

#include <sys/resource.h>
#include <sys/wait.h>

static int gates[6][2];
static pthread_barrier_t all_looked;

static void* body(void* arg) {
  intptr_t i = (intptr_t)arg;
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    char c;
    (void)!read(gates[i][0], &c, 1);
    _exit((int)i + 1);
  }
  int status = -1;
  CHECK_EQ(waitpid(child, &status, WNOHANG), 0);
  pthread_barrier_wait(&all_looked);
  write_all(gates[(i + 1) % 6][1], "g", 1);
  if (i % 3 == 0) {
    CHECK_EQ(waitpid(child, &status, 0), child);
  } else if (i % 3 == 1) {
    struct rusage usage;
    CHECK_EQ(wait4(child, &status, 0, &usage), child);
  } else {
    siginfo_t info;
    CHECK_OK(waitid(P_PID, (id_t)child, &info, WEXITED));
    CHECK_EQ(info.si_pid, child);
    CHECK_EQ(info.si_status, i + 1);
    status = info.si_status << 8;
  }
  CHECK_EQ(WEXITSTATUS(status), i + 1);
  CHECK_ERRNO(waitpid(child, &status, 0), ECHILD);
  return NULL;
}

int main(void) {
  pthread_t t[6];
  pthread_barrier_init(&all_looked, NULL, 6);
  for (int i = 0; i < 6; i++) CHECK_OK(pipe(gates[i]));
  for (intptr_t i = 0; i < 6; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 6; i++) JOIN(t[i]);
  return 0;
}
