// covers: pthread_attr_setstacksize pthread_attr_getstacksize pthread_create
// A stack of the size asked for can be used; too small a size is refused with EINVAL.
#include "../help.h"

#include <limits.h>

static __attribute__((noinline)) long use(size_t bytes) {
  volatile char block[1024];
  memset((char*)block, (int)(bytes & 0x7f), sizeof block);
  long sum = block[7];
  if (bytes > sizeof block + 128) sum += use(bytes - sizeof block - 128);
  CHECK_EQ(block[9], (long)(bytes & 0x7f));
  return sum;
}

static void* body(void* arg) {
  use((size_t)arg);
  return arg;
}

int main(void) {
  size_t sizes[] = {256 << 10, 1 << 20, 3 << 20, 16 << 20};
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  CHECK_RET(pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN - 1), EINVAL);
  CHECK_OK(pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN));
  for (int i = 0; i < 4; i++) {
    size_t got;
    CHECK_OK(pthread_attr_setstacksize(&attr, sizes[i]));
    CHECK_OK(pthread_attr_getstacksize(&attr, &got));
    CHECK_EQ(got, sizes[i]);
    pthread_t t;
    CHECK_OK(pthread_create(&t, &attr, body, (void*)(sizes[i] * 3 / 4)));
    JOIN(t);
  }
  return 0;
}
