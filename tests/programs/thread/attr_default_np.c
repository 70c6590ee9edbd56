// covers: pthread_getattr_default_np pthread_setattr_default_np
// The process default attributes can be read, changed, and apply to threads made without
// attributes.
#include "../help.h"

static void* body(void* arg) {
  pthread_attr_t attr;
  void* addr;
  size_t size;
  CHECK_OK(pthread_getattr_np(pthread_self(), &attr));
  CHECK_OK(pthread_attr_getstack(&attr, &addr, &size));
  pthread_attr_destroy(&attr);
  char* local = (char*)&attr;
  CHECK(local >= (char*)addr && local < (char*)addr + size);
  CHECK(size >= (size_t)arg / 2);
  return NULL;
}

int main(void) {
  pthread_attr_t attr;
  size_t size;
  CHECK_OK(pthread_getattr_default_np(&attr));
  CHECK_OK(pthread_attr_getstacksize(&attr, &size));
  JOIN(THREAD(body, (void*)size));
  CHECK_OK(pthread_attr_setstacksize(&attr, 2 << 20));
  CHECK_OK(pthread_setattr_default_np(&attr));
  pthread_attr_destroy(&attr);
  pthread_attr_init(&attr);
  CHECK_OK(pthread_attr_getstacksize(&attr, &size));
  CHECK_EQ(size, 2 << 20);
  JOIN(THREAD(body, (void*)size));
  return 0;
}
