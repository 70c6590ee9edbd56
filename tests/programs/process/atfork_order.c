// covers: pthread_atfork fork
// Prepare handlers run last first, parent and child handlers first first, in the forking thread.
#include "../help.h"

#include <sys/wait.h>

static char order[64];
static pthread_t forker;

static void note(const char* what) {
  CHECK(pthread_equal(forker, pthread_self()));
  strcat(order, what);
}
static void prepare1(void) { note("p1 "); }
static void prepare2(void) { note("p2 "); }
static void parent1(void) { note("a1 "); }
static void parent2(void) { note("a2 "); }
static void child1(void) { note("c1 "); }
static void child2(void) { note("c2 "); }

static void* body(void* arg) {
  forker = pthread_self();
  order[0] = 0;
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK_STR(order, "p2 p1 c1 c2 ");
    _exit(0);
  }
  CHECK_STR(order, "p2 p1 a1 a2 ");
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  return arg;
}

int main(void) {
  CHECK_OK(pthread_atfork(prepare1, parent1, child1));
  CHECK_OK(pthread_atfork(prepare2, parent2, child2));
  body(NULL);
  for (int i = 0; i < 3; i++) JOIN(THREAD(body, NULL));
  return 0;
}
