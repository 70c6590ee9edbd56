// covers: read poll clock_nanosleep
// link: -ldl
// A thread that was made by libc's own pthread_create, reached past any symbol, is cancelled in
// read, poll, clock_nanosleep and fgets as it always was.
#include "../help.h"

#include <dlfcn.h>
#include <poll.h>

static int fd[2];
static int cleaned;

static void count(void* arg) { __atomic_add_fetch((int*)arg, 1, __ATOMIC_SEQ_CST); }

static void* waits(void* arg) {
  char buf[10];
  struct pollfd p = {fd[0], POLLIN, 0};
  struct timespec long_time = {100, 0};
  pthread_cleanup_push(count, &cleaned);
  switch ((int)(intptr_t)arg) {
    case 0:
      CHECK(read(fd[0], buf, sizeof buf) > 100);
      break;
    case 1:
      CHECK(poll(&p, 1, -1) > 100);
      break;
    case 2:
      CHECK(clock_nanosleep(CLOCK_MONOTONIC, 0, &long_time, NULL) > 100);
      break;
    default: {
      FILE* f = fdopen(dup(fd[0]), "r");
      CHECK(!fgets(buf, sizeof buf, f));
    }
  }
  pthread_cleanup_pop(0);
  return NULL;
}

static void* nothing(void* arg) { return arg; }

int main(void) {
  int (*create)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  int (*cancel)(pthread_t);
  int (*join)(pthread_t, void**);
  void* libc = dlopen("libc.so.6", RTLD_LAZY);
  CHECK(libc);
  *(void**)&create = dlsym(libc, "pthread_create");
  *(void**)&cancel = dlsym(libc, "pthread_cancel");
  *(void**)&join = dlsym(libc, "pthread_join");
  CHECK(create && cancel && join);
  CHECK_OK(pipe(fd));
  JOIN(THREAD(nothing, NULL));
  for (intptr_t i = 0; i < 4; i++) {
    pthread_t t;
    void* result = NULL;
    CHECK_OK(create(&t, NULL, waits, (void*)i));
    sleep_ms(10);
    CHECK_OK(cancel(t));
    CHECK_OK(join(t, &result));
    CHECK(result == PTHREAD_CANCELED);
    CHECK_EQ(cleaned, i + 1);
  }
  return 0;
}
