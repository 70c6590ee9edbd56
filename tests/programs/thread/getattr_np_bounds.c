// covers: pthread_getattr_np pthread_attr_getstack pthread_attr_getguardsize
// The stack bounds a thread is told contain its locals, are at least of the size asked for, and are
// writable to the low end.
#include "../help.h"

static void* body(void* arg) {
  size_t want = (size_t)arg;
  pthread_attr_t attr;
  void* addr;
  size_t size;
  char local;
  CHECK_OK(pthread_getattr_np(pthread_self(), &attr));
  CHECK_OK(pthread_attr_getstack(&attr, &addr, &size));
  pthread_attr_destroy(&attr);
  CHECK(&local >= (char*)addr && &local < (char*)addr + size);
  CHECK(size >= want / 2 && size <= 4 * want + (64 << 10));
  volatile char* low = (volatile char*)addr;
  low[0] = 1;
  low[4096] = 2;
  CHECK_EQ(low[0] + low[4096], 3);
  return NULL;
}

int main(void) {
  size_t sizes[] = {128 << 10, 1 << 20, 8 << 20};
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  for (int i = 0; i < 9; i++) {
    pthread_t t;
    CHECK_OK(pthread_attr_setstacksize(&attr, sizes[i % 3]));
    CHECK_OK(pthread_create(&t, &attr, body, (void*)sizes[i % 3]));
    JOIN(t);
  }
  return 0;
}
