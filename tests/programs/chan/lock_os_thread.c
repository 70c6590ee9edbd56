// link: -lgoshim
// Between lock and unlock a goroutine stays on one kernel thread, which runs nobody else.
#include "api.h"

#include <sys/syscall.h>

static goshim_chan *done, *c, *looked;

static long kernel_tid(void) {
  char link[64] = "";
  ssize_t n = readlink("/proc/thread-self", link, sizeof link - 1);
  CHECK(n > 0);
  return atol(strrchr(link, '/') + 1);
}

static void work(void* arg) {
  (void)arg;
  goshim_lock_os_thread();
  goshim_lock_os_thread();
  long tid = kernel_tid();
  for (int i = 0; i < 30; i++) {
    goshim_yield();
    goshim_send(c, &tid);
    CHECK_EQ(kernel_tid(), tid);
    // Main has looked: from the end of the lock it may be on this thread itself.
    goshim_recv(looked, NULL);
  }
  goshim_unlock_os_thread();
  goshim_sleep(MS);
  CHECK_EQ(kernel_tid(), tid);
  goshim_unlock_os_thread();
  // One call too many does nothing.
  goshim_unlock_os_thread();
  for (int i = 0; i < 10; i++) goshim_yield();
  goshim_send(done, NULL);
}

int main(void) {
  done = make(0, 0);
  c = make(sizeof(long), 0);
  looked = make(0, 0);
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 4; i++) go(work, NULL);
    long tid;
    for (int i = 0; i < 120; i++) {
      goshim_recv(c, &tid);
      CHECK(kernel_tid() != tid);
      goshim_send(looked, NULL);
    }
    for (int i = 0; i < 4; i++) goshim_recv(done, NULL);
  }
  return 0;
}
