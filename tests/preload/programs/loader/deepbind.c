// link: -ldl
// A library that wants libc's symbols before all others shares locks with the program, starts threads and reads.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <dlfcn.h>

#include "../../../programs/help.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int count, until = 400;
static void (*deep_count)(pthread_mutex_t*, pthread_cond_t*, int*, int);
static long (*deep_read)(int, void*, unsigned long);

static void* counts(void* arg) {
  deep_count(&lock, &changed, &count, until);
  return arg;
}

static void* counts_here(void* arg) {
  pthread_mutex_lock(&lock);
  while (count < until) {
    count++;
    pthread_cond_broadcast(&changed);
    pthread_cond_wait(&changed, &lock);
  }
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  return arg;
}

static void* reads(void* arg) {
  char byte;
  CHECK_EQ(deep_read(*(int*)arg, &byte, 1), 1);
  return NULL;
}

static void run_all(int mode) {
  void* lib = dlopen("lib_deep.so", mode | RTLD_DEEPBIND);
  if (lib == NULL) check_fail(__FILE__, __LINE__, "%s", dlerror());
  deep_count = (void (*)(pthread_mutex_t*, pthread_cond_t*, int*, int))dlsym(lib, "deep_count");
  deep_read = (long (*)(int, void*, unsigned long))dlsym(lib, "deep_read");
  int (*deep_start)(pthread_t*, void**) = (int (*)(pthread_t*, void**))dlsym(lib, "deep_start");
  count = 0;
  void* arg[] = {&lock, &changed, &count, &until};
  pthread_t t[6];
  for (int i = 0; i < 6; i++) {
    if (i % 3 == 0) t[i] = THREAD(counts, NULL);
    if (i % 3 == 1) t[i] = THREAD(counts_here, NULL);
    if (i % 3 == 2) CHECK_EQ(deep_start(&t[i], arg), 0);
  }
  for (int i = 0; i < 6; i++) JOIN(t[i]);
  int p[2];
  CHECK_OK(pipe(p));
  pthread_t reader = THREAD(reads, p);
  sleep_ms(2);
  write_all(p[1], "x", 1);
  JOIN(reader);
  close(p[0]);
  close(p[1]);
  CHECK_OK(dlclose(lib));
}

int main(void) {
  pthread_t t = THREAD(counts_here, NULL);  // threads are there before the library is
  run_all(RTLD_LAZY);
  JOIN(t);
  run_all(RTLD_NOW);
  return 0;
}
