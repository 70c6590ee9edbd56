// link: -lgoshim
// A forked child starts anew: channels made before hold what they held, and it has goroutines of its own.
#include "api.h"

#include <sys/wait.h>

static void send(void* arg) {
  for (int i = 0; i < 50; i++) goshim_send(arg, &i);
  goshim_close(arg);
}

static int count(void) {
  goshim_chan* c = make(sizeof(int), 0);
  go(send, c);
  int v, n = 0;
  goshim_range(c, &v) n++;
  return n;
}

int main(void) {
  goshim_chan* kept = make(sizeof(int), 3);
  int v = 31;
  goshim_send(kept, &v);
  CHECK_EQ(count(), 50);
  pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    CHECK_EQ(goshim_recv(kept, &v), GOSHIM_OK);
    CHECK_EQ(v, 31);
    CHECK_EQ(count(), 50);
    _exit(5);
  }
  int status;
  CHECK(waitpid(pid, &status, 0) == pid);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 5);
  CHECK_EQ(count(), 50);
  return 0;
}
