// covers: pthread_kill nanosleep poll read recv sem_wait
// A signal that reaches a thread before it begins a call does not end that call, also if the thread was only waiting for its turn to run
// when the signal was sent.
#include "../help.h"

#include <poll.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>

enum { kSleep, kPoll, kRead, kRecv, kSem, kCalls };

static sem_t go, s;
static int pipe_fd[2], pair[2];
static int sent, began;  // atomic
static volatile sig_atomic_t handled;

static void on_signal(int sig) {
  (void)sig;
  handled++;
}

static void* body(void* arg) {
  char c = 0;
  const struct timespec some = {0, 20 * 1000 * 1000};
  for (int i = 0; i < 8 * kCalls; i++) {
    CHECK_OK(sem_post(&go));
    while (__atomic_load_n(&sent, __ATOMIC_SEQ_CST) == i) sched_yield();
    sched_yield();  // the kernel runs the handler here at the latest
    __atomic_store_n(&began, i + 1, __ATOMIC_SEQ_CST);
    switch (i % kCalls) {
      case kSleep:
        CHECK_OK(nanosleep(&some, NULL));
        break;
      case kPoll:
        CHECK_EQ(poll(NULL, 0, 20), 0);
        break;
      case kRead:
        CHECK_EQ(read(pipe_fd[0], &c, 1), 1);
        break;
      case kRecv:
        CHECK_EQ(recv(pair[0], &c, 1, 0), 1);
        break;
      case kSem:
        CHECK_OK(sem_wait(&s));
        break;
    }
    CHECK_EQ(handled, i + 1);
  }
  return arg;
}

int main(void) {
  struct sigaction act;
  memset(&act, 0, sizeof act);
  act.sa_handler = on_signal;  // and no SA_RESTART
  CHECK_OK(sigaction(SIGUSR1, &act, NULL));
  CHECK_OK(sem_init(&go, 0, 0));
  CHECK_OK(sem_init(&s, 0, 0));
  CHECK_OK(pipe(pipe_fd));
  CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  pthread_t t = THREAD(body, NULL);
  for (int i = 0; i < 8 * kCalls; i++) {
    CHECK_OK(sem_wait(&go));
    CHECK_OK(pthread_kill(t, SIGUSR1));
    __atomic_store_n(&sent, i + 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&began, __ATOMIC_SEQ_CST) == i) sched_yield();
    usleep(i % 2 == 0 ? 3000 : 0);
    switch (i % kCalls) {
      case kRead:
        write_all(pipe_fd[1], "x", 1);
        break;
      case kRecv:
        write_all(pair[1], "x", 1);
        break;
      case kSem:
        CHECK_OK(sem_post(&s));
        break;
    }
  }
  JOIN(t);
  return 0;
}
