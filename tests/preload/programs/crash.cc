// Dies on a thread in the way it is told, three calls deep, beside threads that sleep.
#undef NDEBUG
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <stdexcept>

static volatile int* volatile nowhere = reinterpret_cast<volatile int*>(8);
static const char* how;

static bool is(const char* word) { return strcmp(how, word) == 0; }

__attribute__((noinline)) static int innermost(int n) {
  volatile char frame[1000];
  frame[n % 1000] = 1;
  if (is("fault")) *nowhere = n;
  if (is("abort")) abort();
  if (is("assert")) assert(n == 0);
  if (is("raise")) raise(SIGQUIT);
  if (is("throw")) throw std::runtime_error("nobody catches this");
  if (is("overflow")) n = innermost(n + 1);
  return n + frame[n % 10];
}
__attribute__((noinline)) static int middle(int n) { return innermost(n) + 1; }

static void* crasher(void* arg) {
  const long n = middle(7);
  return arg == nullptr ? reinterpret_cast<void*>(n) : arg;
}
static void* sleeper(void* arg) {
  sleep(100);
  return arg;
}

int main(int, char** argv) {
  how = argv[1];
  pthread_t t;
  for (int i = 0; i < 5; i++) pthread_create(&t, nullptr, sleeper, nullptr);
  pthread_create(&t, nullptr, crasher, nullptr);
  pthread_join(t, nullptr);
  return 0;
}
