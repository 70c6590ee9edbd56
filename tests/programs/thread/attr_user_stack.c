// covers: pthread_attr_setstack pthread_attr_getstack pthread_getattr_np
// A thread on a stack of the program's own runs there, reports it, and leaves it to the program.
#include "../help.h"

#include <sys/mman.h>

enum { kSize = 512 << 10 };

static void* body(void* arg) {
  char local;
  char* low = (char*)arg;
  CHECK(&local >= low && &local < low + kSize);
  sleep_ms(1);
  pthread_attr_t attr;
  void* addr;
  size_t size;
  CHECK_OK(pthread_getattr_np(pthread_self(), &attr));
  CHECK_OK(pthread_attr_getstack(&attr, &addr, &size));
  CHECK(addr == low);
  CHECK_EQ(size, kSize);
  CHECK_OK(pthread_attr_destroy(&attr));
  low[100] = 'x';
  return NULL;
}

int main(void) {
  char* stack =
      mmap(NULL, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  CHECK(stack != MAP_FAILED);
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  CHECK_OK(pthread_attr_setstack(&attr, stack, kSize));
  for (int i = 0; i < 5; i++) {
    stack[100] = 0;
    pthread_t t;
    CHECK_OK(pthread_create(&t, &attr, body, stack));
    JOIN(t);
    CHECK_EQ(stack[100], 'x');
    memset(stack, 0xa5, kSize);
  }
  CHECK_OK(munmap(stack, kSize));
  return 0;
}
