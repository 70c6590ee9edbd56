// covers: pthread_spin_init pthread_spin_lock pthread_spin_unlock pthread_spin_destroy
// Spin locks exclude each other also when the holder gives up its processor.
#include "../help.h"

static pthread_spinlock_t lock;
static int count, inside;

static void* body(void* arg) {
  for (int i = 0; i < 300; i++) {
    CHECK_OK(pthread_spin_lock(&lock));
    CHECK_EQ(inside, 0);
    inside = 1;
    count++;
    if (i % 100 == 0) sched_yield();
    inside = 0;
    CHECK_OK(pthread_spin_unlock(&lock));
    if (i % 50 == 0) sleep_ms(1);
  }
  return arg;
}

int main(void) {
  pthread_t t[4];
  CHECK_OK(pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE));
  for (int i = 0; i < 4; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 4; i++) JOIN(t[i]);
  CHECK_EQ(count, 1200);
  CHECK_OK(pthread_spin_destroy(&lock));
  return 0;
}
