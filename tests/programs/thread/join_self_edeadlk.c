// covers: pthread_join pthread_self
// A thread that joins itself gets EDEADLK, main too, and can still be joined by another.
#include "../help.h"

static void* body(void* arg) {
  (void)arg;
  CHECK_RET(pthread_join(pthread_self(), NULL), EDEADLK);
  return (void*)5L;
}

int main(void) {
  pthread_t t = THREAD(body, NULL);
  CHECK_EQ((intptr_t)JOIN(t), 5);
  CHECK_RET(pthread_join(pthread_self(), NULL), EDEADLK);
  return 0;
}
