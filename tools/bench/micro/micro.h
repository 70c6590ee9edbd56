// What the micro benchmarks share. They are ordinary pthread programs: run them plain, then
// preloaded. Output: one "name value unit" a line.
#ifndef MICRO_H
#define MICRO_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static inline int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static inline void emit(const char* name, double value, const char* unit) {
  printf("%s %.6g %s\n", name, value, unit);
  fflush(stdout);
}

// Arguments are counts; a missing one has a default.
static inline long argument(int argc, char** argv, int i, long otherwise) {
  return argc > i ? atol(argv[i]) : otherwise;
}

static inline void must_create(pthread_t* thread, void* (*fn)(void*), void* arg) {
  int err = pthread_create(thread, NULL, fn, arg);
  if (err != 0) {
    fprintf(stderr, "pthread_create: %s\n", strerror(err));
    exit(1);
  }
}

// A line of /proc/self/status: "VmRSS:", "VmPTE:", "Threads:".
static inline long status_kb(const char* field) {
  char line[256];
  long kb = 0;
  FILE* f = fopen("/proc/self/status", "r");
  if (!f) return 0;
  while (fgets(line, sizeof line, f)) {
    if (strncmp(line, field, strlen(field)) == 0) kb = atol(line + strlen(field));
  }
  fclose(f);
  return kb;
}

#endif
