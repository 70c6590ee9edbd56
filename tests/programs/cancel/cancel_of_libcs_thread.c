// covers: pthread_cancel pthread_kill
// link: -ldl
// A thread that libc has made by itself, as it does for a library that is bound to it directly, is cancelled. After that
// signals still reach the threads that wait and those that compute.
#include "../help.h"

#include <dlfcn.h>
#include <signal.h>

typedef int create_fn(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);

static volatile sig_atomic_t handled;
static int fd[2], running;

static void on_signal(int sig) { handled = sig; }

static void* blocks(void* arg) {
  char c;
  CHECK_EQ(read(fd[0], &c, 1), 1);
  return arg;
}

static void* is_interrupted(void* arg) {
  char c;
  __atomic_store_n(&running, 1, __ATOMIC_RELEASE);
  CHECK_ERRNO(read(fd[0], &c, 1), EINTR);
  return arg;
}

static void* computes(void* arg) {
  __atomic_store_n(&running, 1, __ATOMIC_RELEASE);
  while (handled != SIGUSR2) __asm__ volatile("" ::: "memory");
  return arg;
}

static void check_signal(void* (*body)(void*), int sig) {
  __atomic_store_n(&running, 0, __ATOMIC_RELEASE);
  pthread_t t = THREAD(body, NULL);
  while (!__atomic_load_n(&running, __ATOMIC_ACQUIRE)) sleep_ms(1);
  sleep_ms(5);
  CHECK_OK(pthread_kill(t, sig));
  JOIN(t);
  CHECK_EQ(handled, sig);
}

static void check_signals(void) {
  check_signal(is_interrupted, SIGUSR1);
  check_signal(computes, SIGUSR2);
}

int main(void) {
  struct sigaction act;
  memset(&act, 0, sizeof act);
  act.sa_handler = on_signal;
  sigaction(SIGUSR1, &act, NULL);
  sigaction(SIGUSR2, &act, NULL);
  CHECK_OK(pipe(fd));
  check_signals();

  void* libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
  CHECK(libc != NULL);
  create_fn* create = (create_fn*)dlsym(libc, "pthread_create");
  CHECK(create != NULL);
  for (int i = 0; i < 3; i++) {
    pthread_t t;
    void* result = NULL;
    CHECK_OK(create(&t, NULL, blocks, NULL));
    sleep_ms(2);
    CHECK_OK(pthread_cancel(t));
    CHECK_OK(pthread_join(t, &result));
    CHECK(result == PTHREAD_CANCELED);
    check_signals();
  }
  return 0;
}
