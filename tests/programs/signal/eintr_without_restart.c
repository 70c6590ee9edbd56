// covers: read recv sigaction pthread_kill sem_wait poll nanosleep
// Without SA_RESTART a handler ends blocking calls with EINTR.
#include "../help.h"

#include <poll.h>
#include <semaphore.h>
#include <signal.h>

static int p[2], sv[2], done;
static sem_t sem;

static void handler(int sig) { (void)sig; }

static void* body(void* arg) {
  char c;
  struct pollfd f = {p[0], POLLIN, 0};
  struct timespec hour = {3600, 0}, rest = {0, 0};
  switch ((intptr_t)arg) {
    case 0:
      CHECK_ERRNO(read(p[0], &c, 1), EINTR);
      break;
    case 1:
      CHECK_ERRNO(recv(sv[0], &c, 1, 0), EINTR);
      break;
    case 2:
      CHECK_ERRNO(sem_wait(&sem), EINTR);
      break;
    case 3:
      CHECK_ERRNO(poll(&f, 1, -1), EINTR);
      break;
    case 4:
      CHECK_ERRNO(nanosleep(&hour, &rest), EINTR);
      CHECK(rest.tv_sec >= 3500 && rest.tv_sec <= 3600);
      break;
    case 5:
      CHECK_ERRNO(pause(), EINTR);
      break;
  }
  __atomic_add_fetch(&done, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

int main(void) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = handler;
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
  CHECK_OK(pipe(p));
  CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
  sem_init(&sem, 0, 0);
  for (intptr_t i = 0; i < 6; i++) {
    pthread_t t = THREAD(body, (void*)i);
    /* The signal may come before the call blocks: send until the thread is through. */
    while (__atomic_load_n(&done, __ATOMIC_SEQ_CST) <= i) {
      sleep_ms(2);
      CHECK_OK(pthread_kill(t, SIGUSR1));
    }
    JOIN(t);
  }
  return 0;
}
