// covers: poll select nanosleep usleep sem_timedwait pthread_cond_timedwait
// Every call that can be used to sleep for 20 ms does so in its own thread, never shorter.
#include "../help.h"

#include <poll.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/select.h>

static void* body(void* arg) {
  struct timespec ts = {0, 20000000}, at = deadline_ms(CLOCK_MONOTONIC, 20);
  struct timeval tv = {0, 20000};
  struct epoll_event ev;
  sem_t sem;
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t c = PTHREAD_COND_INITIALIZER;
  sem_init(&sem, 0, 0);
  int ep = epoll_create1(0);
  long long start = now_ms();
  switch ((intptr_t)arg % 8) {
    case 0:
      CHECK_OK(usleep(20000));
      break;
    case 1:
      CHECK_OK(nanosleep(&ts, NULL));
      break;
    case 2:
      CHECK_OK(poll(NULL, 0, 20));
      break;
    case 3:
      CHECK_OK(select(0, NULL, NULL, NULL, &tv));
      break;
    case 4:
      CHECK_OK(pselect(0, NULL, NULL, NULL, &ts, NULL));
      break;
    case 5:
      CHECK_OK(epoll_wait(ep, &ev, 1, 20));
      break;
    case 6:
      CHECK_ERRNO(sem_clockwait(&sem, CLOCK_MONOTONIC, &at), ETIMEDOUT);
      break;
    case 7:
      pthread_mutex_lock(&m);
      while (pthread_cond_clockwait(&c, &m, CLOCK_MONOTONIC, &at) == 0) {
      }
      pthread_mutex_unlock(&m);
  }
  if ((intptr_t)arg % 8 >= 6)
    CHECK(past(CLOCK_MONOTONIC, at));
  else
    CHECK_ELAPSED(start, 20, 30000);
  close(ep);
  return NULL;
}

int main(void) {
  pthread_t t[64];
  for (intptr_t i = 0; i < 64; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 64; i++) JOIN(t[i]);
  return 0;
}
