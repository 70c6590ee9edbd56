// covers: exit _exit quick_exit abort pthread_exit
// A process with blocked threads ends with the status its ending thread gives, or by the signal it
// raises.
#include "../help.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static volatile int* volatile nowhere = (volatile int*)8;

static int how, p[2];

static void* blocked(void* arg) {
  char c;
  CHECK_EQ(read(p[0], &c, 1), 0);
  return arg;
}

static void* ends(void* arg) {
  switch (how) {
    case 0:
      exit(11);
    case 1:
      _exit(12);
    case 2:
      quick_exit(13);
    case 3:
      abort();
    case 4:
      raise(SIGTERM);
      break;
    case 5:
      kill(getpid(), SIGKILL);
      break;
    case 6:
      *nowhere = 1;
      break;
  }
  return arg;
}

int main(void) {
  int want[] = {11 << 8, 12 << 8, 13 << 8, SIGABRT, SIGTERM, SIGKILL, SIGSEGV};
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  for (how = 0; how < 7; how++) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      CHECK_OK(pipe(p));
      for (int i = 0; i < 3; i++) THREAD(blocked, NULL);
      pthread_t t = THREAD(ends, NULL);
      pthread_join(t, NULL);
      pause();
      _exit(99);
    }
    int status = -1;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status & ~0x80, want[how]);
  }
  return 0;
}
