// covers: posix_spawn posix_spawnp posix_spawn_file_actions_adddup2 waitpid
// Spawned programs get their redirected output and environment; a missing program gives ENOENT.
#include "../help.h"

#include <spawn.h>
#include <sys/wait.h>

static void* body(void* arg) {
  int p[2], i = (int)(intptr_t)arg;
  char value[32], got[32] = "";
  snprintf(value, sizeof value, "V=spawned-%d", i);
  char *argv[] = {"sh", "-c", "printf %s $V", NULL}, *envp[] = {value, NULL};
  posix_spawn_file_actions_t actions;
  pid_t child = -1;
  CHECK_OK(pipe2(p, 02000000 /* O_CLOEXEC */));
  CHECK_OK(posix_spawn_file_actions_init(&actions));
  CHECK_OK(posix_spawn_file_actions_adddup2(&actions, p[1], 1));
  CHECK_OK(posix_spawn(&child, "/bin/sh", &actions, NULL, argv, envp));
  close(p[1]);
  size_t n = read_all(p[0], got, sizeof got - 1);
  CHECK_EQ(n, strlen(value) - 2);
  CHECK_STR(got, value + 2);
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  CHECK_RET(posix_spawnp(&child, "no-such-program-here", NULL, NULL, argv, envp), ENOENT);
  posix_spawn_file_actions_destroy(&actions);
  close(p[0]);
  return NULL;
}

int main(void) {
  pthread_t t[6];
  for (intptr_t i = 0; i < 6; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 6; i++) JOIN(t[i]);
  return 0;
}
