// covers: pthread_attr_init pthread_attr_getstacksize pthread_attr_getguardsize
// covers: pthread_attr_getdetachstate pthread_attr_getscope
// covers: pthread_attr_getinheritsched
// A fresh attribute has glibc's defaults, also after a thread exists.
#include "../help.h"

#include <sys/resource.h>

static void look(void) {
  pthread_attr_t attr;
  CHECK_OK(pthread_attr_init(&attr));
  int v;
  size_t size;
  CHECK_OK(pthread_attr_getdetachstate(&attr, &v));
  CHECK_EQ(v, PTHREAD_CREATE_JOINABLE);
  CHECK_OK(pthread_attr_getscope(&attr, &v));
  CHECK_EQ(v, PTHREAD_SCOPE_SYSTEM);
  CHECK_OK(pthread_attr_getinheritsched(&attr, &v));
  CHECK_EQ(v, PTHREAD_INHERIT_SCHED);
  CHECK_OK(pthread_attr_getguardsize(&attr, &size));
  CHECK_EQ(size, sysconf(_SC_PAGESIZE));
  CHECK_OK(pthread_attr_getstacksize(&attr, &size));
  struct rlimit limit;
  CHECK_OK(getrlimit(RLIMIT_STACK, &limit));
  if (limit.rlim_cur != RLIM_INFINITY) CHECK_EQ(size, limit.rlim_cur);
  CHECK_OK(pthread_attr_destroy(&attr));
}

static void* body(void* arg) {
  look();
  return arg;
}

int main(void) {
  look();
  JOIN(THREAD(body, NULL));
  look();
  return 0;
}
