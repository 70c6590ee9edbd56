// covers: waitpid wait4 waitid
// also: GOSHIM_PATCH=0
// 32 threads each wait for a child of theirs that lives until it is told to end.
#include "blocked.h"

#include <sys/resource.h>
#include <sys/wait.h>

static pid_t child[kBlocked];
static int gate[kBlocked][2];

static void start_child(int i) {
  CHECK_OK(pipe(gate[i]));
  child[i] = fork();
  CHECK(child[i] >= 0);
  if (child[i] > 0) return;
  char c;
  _exit(read(gate[i][0], &c, 1) == 1 ? i : 99);
}

static void wait_for_child(int i) {
  int status = -1;
  struct rusage usage;
  siginfo_t info;
  switch (i % 3) {
    case 0:
      CHECK_EQ(waitpid(child[i], &status, 0), child[i]);
      break;
    case 1:
      CHECK_EQ(wait4(child[i], &status, 0, &usage), child[i]);
      break;
    default:
      CHECK_OK(waitid(P_PID, (id_t)child[i], &info, WEXITED));
      CHECK_EQ(info.si_code, CLD_EXITED);
      status = info.si_status << 8;
  }
  CHECK(WIFEXITED(status));
  CHECK_EQ(WEXITSTATUS(status), i);
}

static void end_child(int i) { write_all(gate[i][1], "x", 1); }

int main(void) {
  for (int i = 0; i < kBlocked; i++) start_child(i);
  run_blocked(wait_for_child, end_child);
  CHECK_ERRNO(wait(NULL), ECHILD);
  return 0;
}
