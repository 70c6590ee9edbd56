// covers: pthread_rwlock_tryrdlock pthread_rwlock_trywrlock
// tryrdlock and trywrlock say EBUSY exactly when a holder of the other kind is there.
#include "../help.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;

static void* expects(void* arg) {
  int* want = arg;
  int r = pthread_rwlock_tryrdlock(&l);
  CHECK_EQ(r, want[0]);
  if (r == 0) CHECK_OK(pthread_rwlock_unlock(&l));
  int w = pthread_rwlock_trywrlock(&l);
  CHECK_EQ(w, want[1]);
  if (w == 0) CHECK_OK(pthread_rwlock_unlock(&l));
  return NULL;
}

int main(void) {
  int nobody[] = {0, 0}, reader[] = {0, EBUSY}, writer[] = {EBUSY, EBUSY};
  for (int i = 0; i < 5; i++) {
    JOIN(THREAD(expects, nobody));
    CHECK_OK(pthread_rwlock_rdlock(&l));
    JOIN(THREAD(expects, reader));
    CHECK_OK(pthread_rwlock_tryrdlock(&l));
    JOIN(THREAD(expects, reader));
    CHECK_OK(pthread_rwlock_unlock(&l));
    CHECK_OK(pthread_rwlock_unlock(&l));
    CHECK_OK(pthread_rwlock_wrlock(&l));
    JOIN(THREAD(expects, writer));
    expects(writer);
    CHECK_OK(pthread_rwlock_unlock(&l));
  }
  return 0;
}
