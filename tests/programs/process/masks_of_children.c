// covers: fork vfork execv execvp execl execlp execle execvpe execve fexecve posix_spawn posix_spawnp system popen _Fork wait wait3 __register_atfork
// A program started by a thread has the mask and the ignored signals of that thread, however it is started.
#include "../help.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char** environ;

/* Exits with 0 if exactly SIGUSR1 is blocked and exactly SIGUSR2 ignored, of those with numbers to 31. */
static const char kScript[] =
    "b=$(sed -n 's/^SigBlk:[^0-9a-f]*//p' /proc/self/status);"
    "i=$(sed -n 's/^SigIgn:[^0-9a-f]*//p' /proc/self/status);"
    "test $((0x$b)) = $((1<<9)) && test $(((0x$i) & 0x7ffff800)) = $((1<<11))";

static void expect(pid_t child) {
  int status = -1;
  CHECK(child > 0);
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
}

static void* body(void* arg) {
  char* argv[] = {(char*)"sh", (char*)"-c", (char*)kScript, NULL};
  sigset_t set;
  pid_t child;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  CHECK_OK(pthread_sigmask(SIG_BLOCK, &set, NULL));
  for (int how = 0; how < 8; how++) {
    child = how % 2 ? fork() : vfork();
    if (child == 0) {
      switch (how) {
        case 0:
          execl("/bin/sh", "sh", "-c", kScript, (char*)NULL);
          break;
        case 1:
          execlp("sh", "sh", "-c", kScript, (char*)NULL);
          break;
        case 2:
          execle("/bin/sh", "sh", "-c", kScript, (char*)NULL, environ);
          break;
        case 3:
          execv("/bin/sh", argv);
          break;
        case 4:
          execvp("sh", argv);
          break;
        case 5:
          execvpe("sh", argv, environ);
          break;
        case 6:
          execve("/bin/sh", argv, environ);
          break;
        case 7:
          fexecve(open("/bin/sh", O_RDONLY), argv, environ);
          break;
      }
      _exit(99);
    }
    expect(child);
  }
  CHECK_OK(posix_spawn(&child, "/bin/sh", NULL, NULL, argv, environ));
  expect(child);
  CHECK_OK(posix_spawnp(&child, "sh", NULL, NULL, argv, environ));
  expect(child);
  CHECK_OK(system(kScript));
  FILE* f = popen(kScript, "r");
  CHECK(f);
  CHECK_OK(pclose(f));
  /* A failed exec changes nothing. */
  CHECK_ERRNO(execl("/no/such/program", "x", (char*)NULL), ENOENT);
  CHECK_OK(pthread_sigmask(SIG_BLOCK, NULL, &set));
  CHECK_EQ(sigismember(&set, SIGUSR1), 1);
  CHECK_EQ(sigismember(&set, SIGTERM), 0);
  return arg;
}

int main(void) {
  signal(SIGUSR2, SIG_IGN);
  pthread_t t = THREAD(body, NULL);
  JOIN(t);
  JOIN(THREAD(body, NULL));
  body(NULL);
  return 0;
}
