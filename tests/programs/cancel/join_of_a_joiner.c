// covers: pthread_join pthread_cancel
// Joining a thread that joins the caller is a deadlock, but not when that thread has been cancelled:
// its own join ends. (That the other case gives EDEADLK is not asked: glibc 2.36 waits for ever.)
#include "../help.h"

#include <time.h>

static pthread_t main_thread;

static void* body(void* arg) {
  (void)arg;
  pthread_join(main_thread, NULL);
  _exit(3);  // only the cancellation may end it
}

int main(void) {
  main_thread = pthread_self();
  for (int late = 0; late < 2; late++) {
    pthread_t t = THREAD(body, NULL);
    struct timespec pause = {0, late ? 100000000 : 0};  // it joins already, or not yet
    nanosleep(&pause, NULL);
    CHECK_OK(pthread_cancel(t));
    void* r = NULL;
    CHECK_OK(pthread_join(t, &r));
    CHECK(r == PTHREAD_CANCELED);
  }
  CHECK_RET(pthread_join(pthread_self(), NULL), EDEADLK);
  return 0;
}
