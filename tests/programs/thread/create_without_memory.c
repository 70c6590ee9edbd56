// covers: pthread_create
// While there is no memory for what libc keeps of a thread, pthread_create() gives EAGAIN, as often as it is tried, and
// what it had taken by then is not lost. With little address space left a few threads still go.
#include <sys/resource.h>

#include "../help.h"

static volatile int refuse;

extern void* __libc_calloc(size_t n, size_t size);
void* calloc(size_t n, size_t size) {
  if (!refuse) return __libc_calloc(n, size);
  errno = ENOMEM;
  return NULL;
}

static void* body(void* arg) { return arg; }

static size_t address_space(void) {
  char line[64] = "";
  FILE* f = fopen("/proc/self/statm", "re");
  CHECK(f != NULL && fgets(line, sizeof line, f) != NULL);
  fclose(f);
  return strtoul(line, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

int main(void) {
  enum { kStack = 16 << 20, kTries = 100 };
  int x;
  pthread_t t;
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  CHECK(JOIN(THREAD(body, &x)) == &x);

  // Larger than the one before: nobody has left a stack of this size.
  CHECK_OK(pthread_attr_setstacksize(&attr, kStack));
  size_t before = address_space();
  for (int i = 0; i < kTries; i++) {
    refuse = 1;
    int err = pthread_create(&t, &attr, body, NULL);
    refuse = 0;
    CHECK_EQ(err, EAGAIN);
  }
  CHECK(address_space() - before < (size_t)kTries / (size_t)2 * kStack);
  CHECK_OK(pthread_create(&t, &attr, body, &x));
  CHECK(JOIN(t) == &x);

  CHECK_OK(pthread_attr_setstacksize(&attr, (size_t)2 * kStack));
  CHECK_OK(pthread_attr_setguardsize(&attr, 3 * 4096));
  size_t limit = address_space() + (size_t)3 * kStack;
  struct rlimit rl = {limit, RLIM_INFINITY};
  CHECK_OK(setrlimit(RLIMIT_AS, &rl));
  CHECK_OK(pthread_create(&t, &attr, body, &x));
  CHECK(JOIN(t) == &x);
  return 0;
}
