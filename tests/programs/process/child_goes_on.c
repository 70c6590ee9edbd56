// covers: fork _Fork wait wait3 pthread_exit sigaction kill alarm pthread_mutex_unlock
// What a child of a thread can do: timers, signals, locks it holds, more children, returning from the thread function.
#include "../help.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static volatile sig_atomic_t hits;
static int p[2];
static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;

static void handler(int sig) {
  (void)sig;
  hits = hits + 1;
}

static void* blocked(void* arg) {
  char c;
  while (read(p[0], &c, 1) < 0) CHECK_EQ(errno, EINTR);
  return arg;
}

static void* takes(void* arg) {
  CHECK_OK(pthread_mutex_lock(&held));
  CHECK_OK(pthread_mutex_unlock(&held));
  return arg;
}

static int reaped(void) {
  int status;
  struct rusage usage;
  CHECK(wait3(&status, 0, &usage) > 0);
  CHECK(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static void in_child(void) {
  hits = 0;
  CHECK_OK(kill(getpid(), SIGUSR1));
  CHECK_EQ(hits, 1);
  alarm(0);
  struct timespec ts = {0, 2000000};
  while (nanosleep(&ts, NULL) != 0) {
  }
  pthread_t t = THREAD(takes, NULL);
  sleep_ms(1);
  CHECK_OK(pthread_mutex_unlock(&held));
  JOIN(t);
  CHECK_OK(kill(getpid(), SIGUSR1));
  CHECK_EQ(hits, 2);
  pid_t again = fork();
  CHECK(again >= 0);
  if (again == 0) {
    JOIN(THREAD(takes, NULL));
    exit(hits == 2 ? 4 : 5);
  }
  CHECK_EQ(reaped(), 4);
}

static void* forks(void* arg) {
  int how = (int)(intptr_t)arg;
  CHECK_OK(pthread_mutex_lock(&held));
  pid_t child = how == 2 ? _Fork() : fork();
  CHECK(child >= 0);
  if (child == 0) {
    in_child();
    if (how == 0) _exit(0);
    if (how == 1) exit(0);
    if (how == 2) pthread_exit(NULL); /* the last thread: the process ends with 0 */
    return NULL;
  }
  CHECK_OK(pthread_mutex_unlock(&held));
  CHECK_EQ(reaped(), 0);
  return NULL;
}

int main(void) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = handler;
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
  CHECK_OK(pipe(p));
  for (int i = 0; i < 3; i++) THREAD(blocked, NULL);
  for (intptr_t how = 0; how < 4; how++) JOIN(THREAD(forks, (void*)how));
  return 0;
}
