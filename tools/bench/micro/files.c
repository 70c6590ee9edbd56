// Milliseconds for 1,000 threads that each read 100 random pages of a file and append one synced record.
// First out of the page cache, then from it; and what CPU time it took. Compare the plain run with the preloaded one.
//
//   files [THREADS] [MEGABYTES] [hold]     hold: with the cold round done, waits for the end of stdin
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "micro.h"

#include <fcntl.h>
#include <sys/resource.h>

enum { kPage = 4096, kReads = 100 };

static int file, appended;
static long pages;

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static void* reader(void* arg) {
  unsigned seed = (unsigned)(intptr_t)arg + 1;
  uint32_t page[kPage / 4];
  for (int i = 0; i < kReads; i++) {
    long at = rand_r(&seed) % pages;
    if (pread(file, page, kPage, at * kPage) != kPage) fail("pread");
    if (page[0] != (uint32_t)at || page[kPage / 4 - 1] != (uint32_t)at) fail("wrong page");
  }
  if (write(appended, page, 100) != 100) fail("write");
  if (fsync(appended) != 0) fail("fsync");
  return NULL;
}

static double cpu_ms(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
         (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

static void round_of(long threads, const char* name, const char* cpu_name) {
  pthread_t* t = malloc((size_t)threads * sizeof *t);
  int64_t start = now_ns();
  double cpu = cpu_ms();
  for (long i = 0; i < threads; i++) must_create(&t[i], reader, (void*)i);
  for (long i = 0; i < threads; i++) pthread_join(t[i], NULL);
  free(t);
  emit(name, (double)(now_ns() - start) / 1e6, "ms");
  emit(cpu_name, cpu_ms() - cpu, "ms");
}

int main(int argc, char** argv) {
  long threads = argument(argc, argv, 1, 1000);
  pages = argument(argc, argv, 2, 256) * 256;
  char name[] = "files-XXXXXX", log[] = "files-XXXXXX";
  file = mkstemp(name);
  appended = mkstemp(log);
  if (file < 0 || appended < 0) fail("mkstemp");
  unlink(name);
  unlink(log);
  fcntl(appended, F_SETFL, O_APPEND);
  uint32_t page[kPage / 4];
  for (long i = 0; i < pages; i++) {
    for (int k = 0; k < kPage / 4; k++) page[k] = (uint32_t)i;
    if (write(file, page, kPage) != kPage) fail("write");
  }
  if (fsync(file) != 0) fail("fsync");
  posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  round_of(threads, "files_cold", "files_cold_cpu");
  if (argc > 3) {
    while (getchar() != EOF) {
    }
    return 0;
  }
  round_of(threads, "files_cached", "files_cached_cpu");
  return 0;
}
