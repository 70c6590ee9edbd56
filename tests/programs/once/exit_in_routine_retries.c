// covers: pthread_once pthread_exit
// When the thread in the routine ends by pthread_exit, the next caller runs the routine anew.
#include "../help.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int attempts;

static void init(void) {
  int mine = ++attempts;
  sleep_ms(2);
  if (mine < 4) pthread_exit((void*)(intptr_t)mine);
}

static void* body(void* arg) {
  (void)arg;
  CHECK_OK(pthread_once(&once, init));
  CHECK_EQ(attempts, 4);
  return NULL;
}

int main(void) {
  pthread_t t[10];
  intptr_t sum = 0;
  for (int i = 0; i < 10; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 10; i++) sum += (intptr_t)JOIN(t[i]);
  CHECK_EQ(attempts, 4);
  CHECK_EQ(sum, 1 + 2 + 3);
  return 0;
}
