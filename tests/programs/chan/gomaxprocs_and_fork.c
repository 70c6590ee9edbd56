// link: -lgoshim
// A child has the number its parent had.
#include <sys/wait.h>

#include "api.h"

static void nothing(void* arg) { goshim_close(arg); }

int main(void) {
  goshim_gomaxprocs(5);
  goshim_chan* c = make(0, 0);
  go(nothing, c);
  goshim_recv(c, NULL);
  goshim_gomaxprocs(3);
  const pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    CHECK_EQ(goshim_gomaxprocs(0), 3);
    c = make(0, 0);
    go(nothing, c);
    goshim_recv(c, NULL);
    CHECK_EQ(goshim_gomaxprocs(2), 3);
    _exit(0);
  }
  int status;
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK_EQ(goshim_gomaxprocs(0), 3);
  return 0;
}
