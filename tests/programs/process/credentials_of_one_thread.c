// covers: syscall setfsuid setfsgid
// A file server changes the credentials of one thread by system call: of that one, those it creates, and no other.
#include "../help.h"

#include <sys/fsuid.h>
#include <sys/syscall.h>

static uid_t own_euid(void) {
  uid_t r, e, s;
  CHECK_OK(syscall(SYS_getresuid, &r, &e, &s));
  return e;
}

static void* child(void* arg) {
  CHECK_EQ(own_euid(), (uid_t)(intptr_t)arg);
  return NULL;
}

static void* serves(void* arg) {
  uid_t id = (uid_t)(intptr_t)arg;
  for (int i = 0; i < 5; i++) {
    CHECK_OK(syscall(SYS_setresuid, -1, id, -1));
    sleep_ms(1);
    CHECK_EQ(own_euid(), id);
    JOIN(THREAD(child, arg));
    CHECK_OK(syscall(SYS_setresuid, -1, 0, -1));
    sched_yield();
    CHECK_EQ(own_euid(), 0);
  }
  setfsuid(id);
  sleep_ms(1);
  CHECK_EQ(setfsuid((uid_t)-1), id);
  return NULL;
}

static void* other(void* arg) {
  for (int i = 0; i < 10; i++) {
    CHECK_EQ(own_euid(), 0);
    CHECK_EQ(setfsuid((uid_t)-1), 0);
    sleep_ms(1);
  }
  return arg;
}

int main(void) {
  if (getuid() != 0) SKIP("not root");
  pthread_t t[12];
  for (intptr_t i = 0; i < 12; i++)
    t[i] = i % 2 ? THREAD(other, NULL) : THREAD(serves, (void*)(i + 100));
  for (int i = 0; i < 12; i++) JOIN(t[i]);
  CHECK_EQ(own_euid(), 0);
  return 0;
}
