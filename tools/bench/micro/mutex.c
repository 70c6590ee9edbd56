// Mutexes: nanoseconds for a lock and unlock nobody else wants, and for each critical section when
// 2, 16 and 256 threads want the same lock, with a short and a long section (and as much work
// outside it). "fairness" is the share of the thread that got least, in percent of an even share;
// "longest_wait" is the longest any thread waited for the lock.
//
//   mutex [MILLISECONDS]
#include <stdatomic.h>

#include "micro.h"

enum { kMaxThreads = 256 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool go, stop;
static int work_in, work_out;

struct Worker {
  _Alignas(128) pthread_t thread;
  long sections;
  int64_t longest_wait;
};

static struct Worker workers[kMaxThreads];
static volatile long shared_counter;

static void work(int n) {
  for (int i = 0; i < n; i++) __asm__ volatile("" ::: "memory");
}

static void* contend(void* arg) {
  struct Worker* w = arg;
  while (!atomic_load(&go)) usleep(1000);
  while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
    int64_t start =
        w->sections % 16 == 0 ? now_ns() : 0;  // reading the clock each time would be the benchmark
    pthread_mutex_lock(&lock);
    if (start != 0) {
      int64_t wait = now_ns() - start;
      if (wait > w->longest_wait) w->longest_wait = wait;
    }
    shared_counter = shared_counter + 1;
    work(work_in);
    pthread_mutex_unlock(&lock);
    work(work_out);
    w->sections++;
  }
  return NULL;
}

static void contended(int threads, const char* kind, int work_inside, long milliseconds) {
  char name[64];
  long total = 0, least = -1;
  int64_t longest = 0;
  work_in = work_out = work_inside;
  shared_counter = 0;
  atomic_store(&go, false);
  atomic_store(&stop, false);
  memset(workers, 0, sizeof workers);
  for (int i = 0; i < threads; i++) must_create(&workers[i].thread, contend, &workers[i]);
  usleep(5000);
  int64_t start = now_ns();
  atomic_store(&go, true);
  usleep((useconds_t)milliseconds * 1000);
  atomic_store(&stop, true);
  int64_t took = now_ns() - start;
  for (int i = 0; i < threads; i++) {
    pthread_join(workers[i].thread, NULL);
    total += workers[i].sections;
    if (least < 0 || workers[i].sections < least) least = workers[i].sections;
    if (workers[i].longest_wait > longest) longest = workers[i].longest_wait;
  }
  if (total != shared_counter) {
    fprintf(stderr, "mutual exclusion is broken: %ld sections, counted %ld\n", total,
            shared_counter);
    exit(1);
  }
  snprintf(name, sizeof name, "mutex_%s_%d", kind, threads);
  emit(name, (double)took / (double)total, "ns");
  snprintf(name, sizeof name, "mutex_%s_%d_fairness", kind, threads);
  emit(name, 100.0 * (double)least * threads / (double)total, "%");
  snprintf(name, sizeof name, "mutex_%s_%d_longest_wait", kind, threads);
  emit(name, (double)longest / 1e6, "ms");
}

static void* uncontended(void* arg) {
  const char* name = arg;
  pthread_mutex_t mine = PTHREAD_MUTEX_INITIALIZER;
  enum { kTimes = 5000000 };
  int64_t start = now_ns();
  for (int i = 0; i < kTimes; i++) {
    pthread_mutex_lock(&mine);
    pthread_mutex_unlock(&mine);
  }
  emit(name, (double)(now_ns() - start) / kTimes, "ns");
  return NULL;
}

int main(int argc, char** argv) {
  long milliseconds = argument(argc, argv, 1, 200);
  pthread_t thread;
  must_create(&thread, uncontended, "mutex_uncontended");
  pthread_join(thread, NULL);
  uncontended("mutex_uncontended_main");
  static const int kThreads[] = {2, 16, 256};
  for (int i = 0; i < 3; i++) {
    contended(kThreads[i], "short", 20, milliseconds);
    contended(kThreads[i], "long", 2000, milliseconds);  // about 1 µs
  }
  return 0;
}
