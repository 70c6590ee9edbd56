// covers: pthread_spin_trylock pthread_spin_lock pthread_spin_unlock
// trylock says EBUSY while another thread, which sleeps, holds the spin lock; lock waits for it.
#include "../help.h"

static pthread_spinlock_t lock;
static int released;

static void* tries(void* arg) {
  CHECK_RET(pthread_spin_trylock(&lock), EBUSY);
  CHECK_OK(pthread_spin_lock(&lock));
  CHECK_EQ(released, 1);
  CHECK_OK(pthread_spin_unlock(&lock));
  return arg;
}

int main(void) {
  CHECK_OK(pthread_spin_init(&lock, PTHREAD_PROCESS_SHARED));
  CHECK_OK(pthread_spin_trylock(&lock));
  CHECK_RET(pthread_spin_trylock(&lock), EBUSY);
  pthread_t t = THREAD(tries, NULL);
  sleep_ms(20);
  CHECK_RET(pthread_tryjoin_np(t, NULL), EBUSY);
  released = 1;
  CHECK_OK(pthread_spin_unlock(&lock));
  JOIN(t);
  CHECK_OK(pthread_spin_trylock(&lock));
  return 0;
}
