// covers: pthread_rwlock_wrlock pthread_rwlock_rdlock pthread_rwlock_unlock
// covers: pthread_rwlockattr_setkind_np
// For each kind of lock: no reader sees a writer's half-done work and no two writers meet.
#include "../help.h"

static pthread_rwlock_t l;
static long a, b;
static int writers, readers;

static void* body(void* arg) {
  unsigned seed = (unsigned)(intptr_t)arg;
  for (int i = 0; i < 150; i++) {
    if (rand_r(&seed) % 4 == 0) {
      CHECK_OK(pthread_rwlock_wrlock(&l));
      CHECK_EQ(__atomic_add_fetch(&writers, 1, __ATOMIC_SEQ_CST), 1);
      CHECK_EQ(__atomic_load_n(&readers, __ATOMIC_SEQ_CST), 0);
      a++;
      if (i % 20 == 0) sleep_ms(1);
      b++;
      __atomic_sub_fetch(&writers, 1, __ATOMIC_SEQ_CST);
    } else {
      CHECK_OK(pthread_rwlock_rdlock(&l));
      __atomic_add_fetch(&readers, 1, __ATOMIC_SEQ_CST);
      CHECK_EQ(a, b);
      if (i % 16 == 0) sched_yield();
      CHECK_EQ(__atomic_load_n(&writers, __ATOMIC_SEQ_CST), 0);
      __atomic_sub_fetch(&readers, 1, __ATOMIC_SEQ_CST);
    }
    CHECK_OK(pthread_rwlock_unlock(&l));
  }
  return NULL;
}

int main(void) {
  int kinds[] = {PTHREAD_RWLOCK_PREFER_READER_NP, PTHREAD_RWLOCK_PREFER_WRITER_NP,
                 PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP};
  for (int k = 0; k < 3; k++) {
    pthread_rwlockattr_t attr;
    int got;
    CHECK_OK(pthread_rwlockattr_init(&attr));
    CHECK_OK(pthread_rwlockattr_setkind_np(&attr, kinds[k]));
    CHECK_OK(pthread_rwlockattr_getkind_np(&attr, &got));
    CHECK_EQ(got, kinds[k]);
    CHECK_OK(pthread_rwlock_init(&l, &attr));
    pthread_t t[10];
    for (intptr_t i = 0; i < 10; i++) t[i] = THREAD(body, (void*)(i * 7 + k));
    for (int i = 0; i < 10; i++) JOIN(t[i]);
    CHECK_OK(pthread_rwlock_destroy(&l));
  }
  CHECK(a > 0 && a == b);
  return 0;
}
