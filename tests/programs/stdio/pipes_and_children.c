// covers: read write fclose pclose
// stdio on pipes while other threads are blocked in it; children made by fork, popen, system and
// posix_spawn read and write as ever.
#include "../help.h"

#include <spawn.h>
#include <sys/wait.h>

extern char** environ;

static int pipes[30][2];

static void* echoes(void* arg) {
  int i = (int)(intptr_t)arg;
  FILE* f = fdopen(pipes[i][0], "r");
  char line[50];
  int sum = 0;
  while (fgets(line, sizeof line, f)) sum += atoi(line);
  CHECK(feof(f));
  CHECK_OK(fclose(f));
  return (void*)(intptr_t)sum;
}

static void by_popen(int i) {
  char command[50], line[50] = "";
  snprintf(command, sizeof command, "sleep 0.02; echo %d", i);
  FILE* p = popen(command, "r");
  CHECK(p);
  CHECK(fgets(line, sizeof line, p));
  CHECK_EQ(atoi(line), i);
  CHECK_EQ(WEXITSTATUS(pclose(p)), 0);
}

static void by_system(int i) {
  char command[50];
  snprintf(command, sizeof command, "exit %d", i);
  CHECK_EQ(WEXITSTATUS(system(command)), i);
}

static void by_spawn(int i) {
  int fd[2];
  CHECK_OK(pipe(fd));
  posix_spawn_file_actions_t actions;
  CHECK_OK(posix_spawn_file_actions_init(&actions));
  CHECK_OK(posix_spawn_file_actions_adddup2(&actions, fd[1], 1));
  char number[20], line[20] = "", name[] = "echo";
  snprintf(number, sizeof number, "%d", i);
  char* argv[] = {name, number, NULL};
  pid_t child;
  CHECK_OK(posix_spawnp(&child, "echo", &actions, NULL, argv, environ));
  CHECK_RET(posix_spawnp(&child, "/nowhere/at/all", &actions, NULL, argv, environ), ENOENT);
  posix_spawn_file_actions_destroy(&actions);
  close(fd[1]);
  FILE* f = fdopen(fd[0], "r");
  CHECK(fgets(line, sizeof line, f));
  CHECK_EQ(atoi(line), i);
  CHECK_OK(fclose(f));
  CHECK(wait(NULL) > 0);
}

static void by_fork(int i) {
  int to[2], from[2];
  CHECK_OK(pipe(to));
  CHECK_OK(pipe(from));
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    char line[50];
    FILE* in = fdopen(to[0], "r");
    if (!in || !fgets(line, sizeof line, in)) _exit(1);
    dprintf(from[1], "%d\n", atoi(line) * 2);
    _exit(0);
  }
  sleep_ms(5);
  dprintf(to[1], "%d\n", i);
  char line[50] = "";
  CHECK(read(from[0], line, sizeof line - 1) > 0);
  CHECK_EQ(atoi(line), i * 2);
  int status;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  for (int k = 0; k < 2; k++) {
    close(to[k]);
    close(from[k]);
  }
}

int main(void) {
  pthread_t t[30];
  for (intptr_t i = 0; i < 30; i++) {
    CHECK_OK(pipe2(pipes[i], 0));
    t[i] = THREAD(echoes, (void*)i);
  }
  for (int i = 1; i < 4; i++) {
    by_popen(i);
    by_system(i);
    by_fork(i);
  }
  // Every child inherits the pipes, so they end with the last of them.
  by_spawn(7);
  for (int i = 0; i < 30; i++) {
    for (int k = 0; k <= i; k++) dprintf(pipes[i][1], "%d\n", k);
    close(pipes[i][1]);
  }
  for (int i = 0; i < 30; i++) {
    void* sum;
    CHECK_OK(pthread_join(t[i], &sum));
    CHECK_EQ((intptr_t)sum, i * (i + 1) / 2);
  }
  return 0;
}
