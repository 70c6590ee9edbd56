// covers: syscall
// Threads blocked in syscall(SYS_read) directly do not keep the one that feeds them from running.
#include "../help.h"

#include <sys/syscall.h>

static int p[20][2];

static void* body(void* arg) {
  int value = -1;
  CHECK_EQ(syscall(SYS_read, p[(intptr_t)arg][0], &value, sizeof value), sizeof value);
  return (void*)(intptr_t)value;
}

static void* feeds(void* arg) {
  sleep_ms(5);
  for (int i = 19; i >= 0; i--) {
    int value = i * 3;
    CHECK_EQ(syscall(SYS_write, p[i][1], &value, sizeof value), sizeof value);
  }
  return arg;
}

int main(void) {
  pthread_t t[20];
  for (intptr_t i = 0; i < 20; i++) {
    CHECK_OK(pipe(p[i]));
    t[i] = THREAD(body, (void*)i);
  }
  JOIN(THREAD(feeds, NULL));
  for (intptr_t i = 0; i < 20; i++) CHECK_EQ((intptr_t)JOIN(t[i]), i * 3);
  return 0;
}
