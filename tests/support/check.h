// Checks for ordinary pthread test programs, C11 and C++.
//
// A test program knows nothing of goshim: it uses POSIX, exits 0 when right, 77 to skip, 1 when a
// check fails. A failing check prints file:line and what was expected to stderr and ends the whole
// process at once (_exit), from any thread: a program that is already wrong must not hang in its
// own exit path.
#ifndef GOSHIM_TESTS_SUPPORT_CHECK_H
#define GOSHIM_TESTS_SUPPORT_CHECK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef __cplusplus
#define CHECK_NORETURN [[noreturn]]
#else
#define CHECK_NORETURN _Noreturn
#endif

// Prints "file:line: message" and ends the process with status 1. Formats into a stack buffer and
// uses one write, so that it does not wait for a stdio lock that a stuck thread holds.
CHECK_NORETURN __attribute__((format(printf, 3, 4), unused)) static void check_fail(
    const char* file, int line, const char* format, ...) {
  char text[1024];
  int used = snprintf(text, sizeof text, "%s:%d: ", file, line);
  va_list args;
  va_start(args, format);
  if (used > 0 && used < (int)sizeof text) {
    int more = vsnprintf(text + used, sizeof text - (size_t)used - 1, format, args);
    used = more < 0 ? used : used + more;
  }
  va_end(args);
  if (used > (int)sizeof text - 2) used = (int)sizeof text - 2;
  text[used] = '\n';
  ssize_t ignored = write(STDERR_FILENO, text, (size_t)used + 1);
  (void)ignored;
  _exit(1);
}

// Monotonic milliseconds.
__attribute__((unused)) static long long now_ms(void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (long long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

// Monotonic nanoseconds.
__attribute__((unused)) static long long now_ns(void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (long long)ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

// The time `ms` milliseconds from now on `clock`, as the *_timedwait calls want it.
__attribute__((unused)) static struct timespec deadline_ms(clockid_t clock, long ms) {
  struct timespec ts;
  clock_gettime(clock, &ts);
  ts.tv_sec += ms / 1000;
  ts.tv_nsec += (ms % 1000) * 1000000L;
  if (ts.tv_nsec >= 1000000000L) {
    ts.tv_sec += 1;
    ts.tv_nsec -= 1000000000L;
  }
  return ts;
}

// Sleeps that long, whatever signals come.
__attribute__((unused)) static void sleep_ms(long ms) {
  struct timespec until = deadline_ms(CLOCK_MONOTONIC, ms);
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
  }
}

// The condition holds.
#define CHECK(cond)                                                                  \
  do {                                                                               \
    if (!(cond))                                                                     \
      check_fail(__FILE__, __LINE__, "CHECK(%s) fails, errno %d (%s)", #cond, errno, \
                 strerror(errno));                                                   \
  } while (0)

// Two integers (or pointers cast to integers) are equal.
#define CHECK_EQ(got, want)                                                                 \
  do {                                                                                      \
    long long check_got_ = (long long)(got);                                                \
    long long check_want_ = (long long)(want);                                              \
    if (check_got_ != check_want_)                                                          \
      check_fail(__FILE__, __LINE__, "%s is %lld, want %s = %lld", #got, check_got_, #want, \
                 check_want_);                                                              \
  } while (0)

// Two strings are equal.
#define CHECK_STR(got, want)                                                                      \
  do {                                                                                            \
    const char* check_got_ = (got);                                                               \
    const char* check_want_ = (want);                                                             \
    if (strcmp(check_got_, check_want_) != 0)                                                     \
      check_fail(__FILE__, __LINE__, "%s is \"%s\", want \"%s\"", #got, check_got_, check_want_); \
  } while (0)

// A call returns -1 and leaves this errno.
#define CHECK_ERRNO(call, want_errno)                                                              \
  do {                                                                                             \
    errno = 0;                                                                                     \
    long long check_ret_ = (long long)(call);                                                      \
    int check_errno_ = errno;                                                                      \
    if (check_ret_ != -1 || check_errno_ != (want_errno))                                          \
      check_fail(__FILE__, __LINE__, "%s returns %lld with errno %d (%s), want -1 with %s", #call, \
                 check_ret_, check_errno_, strerror(check_errno_), #want_errno);                   \
  } while (0)

// A call returns 0; for the pthread family, which returns the error itself.
#define CHECK_OK(call)                                                                  \
  do {                                                                                  \
    long long check_ret_ = (long long)(call);                                           \
    if (check_ret_ != 0)                                                                \
      check_fail(__FILE__, __LINE__, "%s returns %lld (%s), want 0", #call, check_ret_, \
                 strerror(check_ret_ == -1 ? errno : (int)check_ret_));                 \
  } while (0)

// A call of the pthread family returns this error.
#define CHECK_RET(call, want) CHECK_EQ(call, want)

// The time since `start_ms` (of now_ms) lies in [at_least, at_most] milliseconds.
#define CHECK_ELAPSED(start_ms, at_least, at_most)                                 \
  do {                                                                             \
    long long check_ms_ = now_ms() - (start_ms);                                   \
    if (check_ms_ < (at_least) || check_ms_ > (at_most))                           \
      check_fail(__FILE__, __LINE__, "took %lld ms, want %lld to %lld", check_ms_, \
                 (long long)(at_least), (long long)(at_most));                     \
  } while (0)

// The program cannot be judged here (missing kernel feature, no permission).
#define SKIP(reason)                            \
  do {                                          \
    fprintf(stderr, "skipped: %s\n", (reason)); \
    fflush(NULL);                               \
    _exit(77);                                  \
  } while (0)

// Starts a default thread; the process ends if it cannot.
__attribute__((unused)) static pthread_t check_thread(const char* file, int line,
                                                      void* (*body)(void*), void* arg) {
  pthread_t thread;
  int error = pthread_create(&thread, NULL, body, arg);
  if (error != 0) check_fail(file, line, "pthread_create: %s", strerror(error));
  return thread;
}

// Joins a thread and returns its result.
__attribute__((unused)) static void* check_join(const char* file, int line, pthread_t thread) {
  void* result = NULL;
  int error = pthread_join(thread, &result);
  if (error != 0) check_fail(file, line, "pthread_join: %s", strerror(error));
  return result;
}

// pthread_t t = THREAD(body, arg);  void* result = JOIN(t);
#define THREAD(body, arg) check_thread(__FILE__, __LINE__, (body), (arg))
#define JOIN(thread) check_join(__FILE__, __LINE__, (thread))

#endif
