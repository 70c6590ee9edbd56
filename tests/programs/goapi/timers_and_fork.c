// link: -lgoshim
// A forked child makes timers of its own.
#include "api.h"

#include <sys/wait.h>

static void tell(void* arg) { goshim_close(arg); }

static void use_timers(void) {
  goshim_chan* c = make(0, 0);
  goshim_timer_unref(goshim_after_func(MS, tell, c));
  CHECK_EQ(goshim_recv(c, NULL), GOSHIM_CLOSED);
  goshim_chan* after = goshim_after(MS);
  CHECK_EQ(goshim_recv(after, NULL), GOSHIM_OK);
}

int main(void) {
  use_timers();
  goshim_timer* parents = goshim_ticker_new(MS);
  pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    use_timers();
    _exit(3);
  }
  int status;
  CHECK(waitpid(pid, &status, 0) == pid);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 3);
  CHECK_EQ(goshim_recv(goshim_timer_chan(parents), NULL), GOSHIM_OK);
  use_timers();
  return 0;
}
