// Many threads in nanosleep at once: how many there could be, what each costs, and how late they
// wake. They sleep two seconds and up to one more, each its own time, after the last has been made.
//
//   sleepers [THREADS]
#include <stdatomic.h>

#include "micro.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t started = PTHREAD_COND_INITIALIZER;
static bool go;
static int64_t* late;
static long count;
static atomic_int early;

static void* sleeper(void* arg) {
  long i = (intptr_t)arg;
  pthread_mutex_lock(&lock);
  while (!go) pthread_cond_wait(&started, &lock);
  pthread_mutex_unlock(&lock);
  int64_t duration = 2000000000LL + i * 1000003LL % 1000 * 1000000LL;
  struct timespec t = {.tv_sec = duration / 1000000000, .tv_nsec = duration % 1000000000};
  int64_t start = now_ns();
  nanosleep(&t, NULL);
  late[i] = now_ns() - start - duration;
  if (late[i] < 0) atomic_fetch_add(&early, 1);
  return NULL;
}

static int by_value(const void* a, const void* b) {
  int64_t x = *(const int64_t*)a, y = *(const int64_t*)b;
  return (x > y) - (x < y);
}

int main(int argc, char** argv) {
  long want = argument(argc, argv, 1, 100000);
  pthread_t* threads = calloc((size_t)want, sizeof *threads);
  late = calloc((size_t)want, sizeof *late);
  if (!threads || !late) return 1;
  memset(late, 1,
         (size_t)want * sizeof *late);  // so that its pages are not counted as the threads'
  memset(threads, 1, (size_t)want * sizeof *threads);
  long before = status_kb("VmRSS:") + status_kb("VmPTE:");
  int64_t start = now_ns();
  while (count < want &&
         pthread_create(&threads[count], NULL, sleeper, (void*)(intptr_t)count) == 0)
    count++;
  emit("sleepers", (double)count, "threads");
  emit("sleepers_create", (double)(now_ns() - start) / (double)count, "ns");
  pthread_mutex_lock(&lock);
  go = true;
  pthread_cond_broadcast(&started);
  pthread_mutex_unlock(&lock);
  sleep(1);
  emit("sleepers_memory",
       (double)(status_kb("VmRSS:") + status_kb("VmPTE:") - before) / (double)count, "KB");
  for (long i = 0; i < count; i++) pthread_join(threads[i], NULL);
  qsort(late, (size_t)count, sizeof *late, by_value);
  emit("sleepers_late_p50", (double)late[count / 2] / 1e6, "ms");
  emit("sleepers_late_p99", (double)late[count * 99 / 100] / 1e6, "ms");
  emit("sleepers_late_max", (double)late[count - 1] / 1e6, "ms");
  if (early > 0) {
    fprintf(stderr, "%d sleepers woke early\n", early);
    return 1;
  }
  return 0;
}
