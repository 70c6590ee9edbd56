// covers: fork malloc pthread_mutex_lock
// Children forked while other threads malloc and print all the time can malloc, print and end
// normally.
#include "../help.h"

#include <sys/wait.h>

static int stop;

static void* busy(void* arg) {
  char buffer[64];
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
    void* p = malloc(100);
    memset(p, 1, 100);
    free(p);
    snprintf(buffer, sizeof buffer, "%d %s", 5, "x");
    sched_yield();
  }
  return arg;
}

int main(void) {
  pthread_t t[3];
  for (int i = 0; i < 3; i++) t[i] = THREAD(busy, NULL);
  for (int i = 0; i < 15; i++) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      char* p = malloc(1000);
      snprintf(p, 1000, "%d", i);
      int ok = atoi(p) == i;
      free(p);
      exit(ok ? 3 : 4);
    }
    int status = -1;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), 3);
  }
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  for (int i = 0; i < 3; i++) JOIN(t[i]);
  return 0;
}
