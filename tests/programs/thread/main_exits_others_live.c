// covers: pthread_exit atexit
// output: same
// After main's pthread_exit the process lives until its last thread ends; then atexit runs and the
// status is 0.
#include "../help.h"

static void bye(void) { puts("atexit"); }

static void* body(void* arg) {
  sleep_ms(20);
  if (arg) JOIN(THREAD(body, NULL));
  printf("thread %s done\n", arg ? "outer" : "inner");
  return NULL;
}

int main(void) {
  atexit(bye);
  THREAD(body, &main);
  puts("main leaves");
  pthread_exit((void*)9L);
}
