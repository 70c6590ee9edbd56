// covers: syscall prctl
// Where the kernel clears a word at a thread's end: by prctl one of libc's (the tid, until glibc 2.41), by
// set_tid_address() any word, whose waiter is woken. Threads that go from one kernel thread to another keep theirs.
#include "../help.h"

#include <gnu/libc-version.h>
#include <linux/futex.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#ifndef PR_GET_TID_ADDRESS
#define PR_GET_TID_ADDRESS 40
#endif

static int clears_the_tid(void) {
  int major = 0, minor = 0;
  CHECK_EQ(sscanf(gnu_get_libc_version(), "%d.%d", &major, &minor), 2);
  return major == 2 && minor < 42;
}

static void* keeps_it(void* arg) {
  int* first = NULL;
  for (int i = 0; i < 5; i++) {
    int* address = NULL;
    if (prctl(PR_GET_TID_ADDRESS, &address, 0, 0, 0) != 0) return arg; /* not every kernel has it */
    CHECK(address != NULL && *address != 0);
    if (clears_the_tid()) CHECK_EQ(*address, gettid());
    if (first == NULL) first = address;
    CHECK(address == first);
    CHECK_EQ(syscall(SYS_set_tid_address, address), gettid());
    sleep_ms(1);
  }
  return arg;
}

static void* names_a_word(void* arg) {
  int* word = arg;
  CHECK_EQ(syscall(SYS_set_tid_address, word), gettid());
  sleep_ms(2);
  CHECK_EQ(*word, 1);
  return NULL;
}

static void* names_nowhere(void* arg) {
  CHECK_EQ(syscall(SYS_set_tid_address, arg), gettid());
  return NULL;
}

static void detached(void* (*fn)(void*), void* arg) {
  pthread_attr_t attr;
  pthread_t t;
  CHECK_OK(pthread_attr_init(&attr));
  CHECK_OK(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED));
  CHECK_OK(pthread_create(&t, &attr, fn, arg));
}

int main(void) {
  pthread_t t[16];
  for (int i = 0; i < 16; i++) t[i] = THREAD(keeps_it, NULL);
  for (int i = 0; i < 16; i++) JOIN(t[i]);
  keeps_it(NULL);

  static int words[8];
  for (int i = 0; i < 8; i++) {
    words[i] = 1;
    detached(names_a_word, &words[i]);
  }
  for (int i = 0; i < 8; i++) {
    while (__atomic_load_n(&words[i], __ATOMIC_SEQ_CST) != 0) {
      const struct timespec long_enough = {10, 0};
      const long r = syscall(SYS_futex, &words[i], FUTEX_WAIT, 1, &long_enough, NULL, 0);
      CHECK(r == 0 || errno == EAGAIN || errno == EINTR);
    }
  }
  detached(names_nowhere, (void*)4096);
  sleep_ms(5);
  return 0;
}
