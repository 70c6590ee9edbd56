// covers: __errno_location
// errno belongs to the thread: what others do while one blocks does not show, and its address is
// stable.
#include "../help.h"

static void* body(void* arg) {
  int mine = (int)(intptr_t)arg;
  int* address = &errno;
  for (int i = 0; i < 50; i++) {
    errno = mine;
    if (i % 10 == 0) {
      sleep_ms(1);
    } else {
      sched_yield();
    }
    CHECK_EQ(errno, mine);
    CHECK(address == &errno);
    CHECK_ERRNO(close(-1), EBADF);
  }
  return address;
}

int main(void) {
  pthread_t t[30];
  errno = ENOSPC;
  for (intptr_t i = 0; i < 30; i++) t[i] = THREAD(body, (void*)(i + 200));
  for (int i = 0; i < 30; i++) CHECK(JOIN(t[i]) != (void*)&errno);
  CHECK_EQ(errno, ENOSPC);
  return 0;
}
