// covers: pthread_create pthread_join
// A burst of threads that all used their stacks must not cost their memory for ever: some seconds after the last of them
// ended, an idle process is small again. And the next burst works as the first did.
#include "../help.h"

enum { kThreads = 1000, kStack = 256 << 10, kUsed = 64 << 10, kEnough = 32 << 10, kSeconds = 20 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t go = PTHREAD_COND_INITIALIZER, all_here = PTHREAD_COND_INITIALIZER;
static int arrived, released;

static void* use_stack(void* arg) {
  volatile char used[kUsed];
  memset((char*)used, 1, sizeof used);
  pthread_mutex_lock(&lock);
  if (++arrived == kThreads) pthread_cond_signal(&all_here);
  while (!released) pthread_cond_wait(&go, &lock);
  pthread_mutex_unlock(&lock);
  return used[kUsed / 2] == 1 ? arg : NULL;
}

static void burst(void) {
  static pthread_t threads[kThreads];
  pthread_attr_t attr;
  arrived = released = 0;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, kStack);
  for (intptr_t i = 0; i < kThreads; i++)
    CHECK(pthread_create(&threads[i], &attr, use_stack, (void*)(i + 1)) == 0);
  pthread_mutex_lock(&lock);
  while (arrived < kThreads) pthread_cond_wait(&all_here, &lock);
  released = 1;
  pthread_cond_broadcast(&go);
  pthread_mutex_unlock(&lock);
  for (intptr_t i = 0; i < kThreads; i++) {
    void* result = NULL;
    CHECK(pthread_join(threads[i], &result) == 0);
    CHECK(result == (void*)(i + 1));
  }
}

static long resident_kb(void) {
  long pages = 0, ignored;
  FILE* f = fopen("/proc/self/statm", "r");
  CHECK(f != NULL);
  CHECK(fscanf(f, "%ld %ld", &ignored, &pages) == 2);
  fclose(f);
  return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

int main(void) {
  burst();
  // All of it is 64 MB; libc keeps 10 of them.
  sleep(3);
  for (int i = 0; resident_kb() > kEnough && i < kSeconds; i++) sleep(1);
  CHECK(resident_kb() <= kEnough);
  burst();
  return 0;
}
