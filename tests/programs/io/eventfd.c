// covers: eventfd read write eventfd_read eventfd_write
// eventfd adds up, wakes waiting readers, counts down as a semaphore, and makes a full one's writer
// wait.
#include "../help.h"

#include <sys/eventfd.h>

static int counter, tokens, taken;

static void* takes(void* arg) {
  uint64_t v = 0;
  for (int i = 0; i < 10; i++) {
    CHECK_EQ(read(tokens, &v, sizeof v), sizeof v);
    CHECK_EQ(v, 1);
    __atomic_add_fetch(&taken, 1, __ATOMIC_SEQ_CST);
  }
  return arg;
}

static void* overflows(void* arg) {
  CHECK_OK(eventfd_write(counter, 5));
  __atomic_store_n((int*)arg, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

int main(void) {
  counter = eventfd(0, 0);
  tokens = eventfd(0, EFD_SEMAPHORE);
  pthread_t t[10];
  for (int i = 0; i < 10; i++) t[i] = THREAD(takes, NULL);
  for (uint64_t i = 0; i < 25; i++) {
    uint64_t add = 4;
    CHECK_EQ(write(tokens, &add, sizeof add), sizeof add);
    if (i % 8 == 0) sleep_ms(1);
  }
  for (int i = 0; i < 10; i++) JOIN(t[i]);
  CHECK_EQ(taken, 100);
  eventfd_t v;
  int written = 0;
  CHECK_OK(eventfd_write(counter, 0xfffffffffffffffeULL));
  pthread_t w = THREAD(overflows, &written);
  sleep_ms(5);
  CHECK_EQ(__atomic_load_n(&written, __ATOMIC_SEQ_CST), 0);
  CHECK_OK(eventfd_read(counter, &v));
  CHECK_EQ(v, 0xfffffffffffffffeULL);
  CHECK_OK(eventfd_read(counter, &v));
  CHECK_EQ(v, 5);
  JOIN(w);
  char small[4];
  CHECK_ERRNO(read(counter, small, sizeof small), EINVAL);
  return 0;
}
