// A crowd that waits: threads made one after the other, all blocked in pthread_cond_wait at once, then released and joined.
// Stops making more at the first that cannot be had. GOSHIM_STACK_SIZE counts; the plain run has glibc's 8 MB.
//
//   waiters [THREADS]
#include "micro.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t go_ahead = PTHREAD_COND_INITIALIZER, all_wait = PTHREAD_COND_INITIALIZER;
static long waiting, made;
static bool complete, go;

static void* waiter(void* arg) {
  pthread_mutex_lock(&lock);
  waiting++;
  if (complete && waiting == made) pthread_cond_signal(&all_wait);
  while (!go) pthread_cond_wait(&go_ahead, &lock);
  pthread_mutex_unlock(&lock);
  return arg;
}

int main(int argc, char** argv) {
  long want = argument(argc, argv, 1, 100000);
  pthread_t* threads = malloc((size_t)want * sizeof *threads);
  if (!threads) return 1;
  memset(threads, 1,
         (size_t)want * sizeof *threads);  // so that its pages are not counted as the threads'
  long before = status_kb("VmRSS:") + status_kb("VmPTE:");
  int64_t start = now_ns();
  while (made < want && pthread_create(&threads[made], NULL, waiter, NULL) == 0) made++;
  pthread_mutex_lock(&lock);
  complete = true;
  while (waiting < made) pthread_cond_wait(&all_wait, &lock);
  emit("waiters", (double)made, "threads");
  emit("waiters_create", (double)(now_ns() - start) / 1e9, "s");
  emit("waiters_memory",
       (double)(status_kb("VmRSS:") + status_kb("VmPTE:") - before) / (double)made, "KB");
  emit("waiters_kernel_threads", (double)status_kb("Threads:"), "threads");
  start = now_ns();
  go = true;
  pthread_cond_broadcast(&go_ahead);
  pthread_mutex_unlock(&lock);
  for (long i = 0; i < made; i++) pthread_join(threads[i], NULL);
  emit("waiters_release_join", (double)(now_ns() - start) / 1e9, "s");
  return 0;
}
