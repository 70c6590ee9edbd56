// covers: posix_spawn posix_spawnp
// Attributes and file actions of posix_spawn from a thread: the mask, default signals, the process group, closed files;
// errors are returned.
#include "../help.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char** environ;

static int status_of(const char* script, posix_spawnattr_t* attr,
                     posix_spawn_file_actions_t* actions) {
  char* argv[] = {(char*)"sh", (char*)"-c", (char*)script, NULL};
  pid_t pid;
  int status;
  CHECK_OK(posix_spawnp(&pid, "sh", actions, attr, argv, environ));
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  return status;
}

static void* body(void* arg) {
  posix_spawnattr_t attr;
  posix_spawn_file_actions_t actions;
  sigset_t set;
  CHECK_OK(posix_spawnattr_init(&attr));
  CHECK_OK(posix_spawn_file_actions_init(&actions));
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  CHECK_OK(posix_spawnattr_setsigmask(&attr, &set));
  CHECK_OK(posix_spawnattr_setpgroup(&attr, 0));
  CHECK_OK(posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP));
  CHECK_EQ(status_of("kill -TERM $$; exit 3", &attr, NULL), 3 << 8);
  CHECK_OK(posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF));
  sigaddset(&set, SIGINT);
  CHECK_OK(posix_spawnattr_setsigdefault(&attr, &set));
  CHECK_EQ(status_of("kill -INT $$; exit 3", &attr, NULL), SIGINT);
  CHECK_EQ(status_of("kill -INT $$; exit 3", NULL, NULL), 3 << 8);
  CHECK_OK(posix_spawn_file_actions_addopen(&actions, 5, "/dev/null", O_WRONLY, 0));
  CHECK_OK(posix_spawn_file_actions_adddup2(&actions, 5, 1));
  CHECK_OK(posix_spawn_file_actions_addclose(&actions, 5));
  CHECK_EQ(status_of("echo not to be seen; test ! -e /proc/self/fd/5", NULL, &actions), 0);
  pid_t pid = -5;
  char* argv[] = {(char*)"x", NULL};
  CHECK_RET(posix_spawn(&pid, "/nonexistent/program", NULL, NULL, argv, environ), ENOENT);
  CHECK_RET(posix_spawn(&pid, "/dev/null", NULL, NULL, argv, environ), EACCES);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attr);
  return arg;
}

int main(void) {
  signal(SIGINT, SIG_IGN);
  pthread_t t[4];
  for (int i = 0; i < 4; i++) t[i] = THREAD(body, NULL);
  body(NULL);
  for (int i = 0; i < 4; i++) JOIN(t[i]);
  return 0;
}
