// covers: popen pclose system
// popen and system from several threads at once give the output and the status of their own
// command.
#include "../help.h"

#include <sys/wait.h>

static void* body(void* arg) {
  char command[64], line[64], want[64];
  int i = (int)(intptr_t)arg;
  snprintf(command, sizeof command, "echo out-%d; exit %d", i, i);
  snprintf(want, sizeof want, "out-%d\n", i);
  FILE* f = popen(command, "re");
  CHECK(f);
  CHECK(fgets(line, sizeof line, f));
  CHECK_STR(line, want);
  CHECK(!fgets(line, sizeof line, f));
  int status = pclose(f);
  CHECK(WIFEXITED(status));
  CHECK_EQ(WEXITSTATUS(status), i);
  snprintf(command, sizeof command, "exit %d", 20 + i);
  status = system(command);
  CHECK(WIFEXITED(status));
  CHECK_EQ(WEXITSTATUS(status), 20 + i);
  return NULL;
}

int main(void) {
  pthread_t t[6];
  for (intptr_t i = 0; i < 6; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 6; i++) JOIN(t[i]);
  CHECK(system(NULL) != 0);
  return 0;
}
