#include "sync/mutex.h"

#include <criterion/criterion.h>

#include "base/debugvars.h"
#include "os/clock.h"

using namespace goshim;
using namespace goshim::sync;

namespace {

void init() {
  os::clock_init();
  options_init();
}

pthread_mutex_t of_kind(int kind) {
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  as_mutex(&m)->kind.store_relaxed(kind);
  return m;
}

// What glibc's own code makes of a mutex: the lock word and the fields must mean the same to it.
void* libc_trylock(void* m) {
  return reinterpret_cast<void*>(
      static_cast<intptr_t>(pthread_mutex_trylock(static_cast<pthread_mutex_t*>(m))));
}

int trylock_elsewhere(pthread_mutex_t* m) {
  pthread_t t;
  void* result = nullptr;
  pthread_create(&t, nullptr, &libc_trylock, m);
  pthread_join(t, &result);
  return static_cast<int>(reinterpret_cast<intptr_t>(result));
}

}  // namespace

TestSuite(mutex, .init = init);

Test(mutex, libc_understands_ours) {
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  cr_assert_eq(mutex_lock(as_mutex(&m)), 0);
  cr_assert_eq(trylock_elsewhere(&m), EBUSY);
  cr_assert_eq(pthread_mutex_destroy(&m), EBUSY);
  cr_assert_eq(pthread_mutex_unlock(&m), 0);
  cr_assert_eq(pthread_mutex_lock(&m), 0);
  cr_assert_eq(mutex_trylock(as_mutex(&m)), EBUSY);
  cr_assert_eq(mutex_unlock(as_mutex(&m)), 0);
  cr_assert_eq(pthread_mutex_destroy(&m), 0);
}

Test(mutex, recursive) {
  pthread_mutex_t m = of_kind(PTHREAD_MUTEX_RECURSIVE);
  cr_assert_eq(mutex_unlock(as_mutex(&m)), EPERM);
  cr_assert_eq(mutex_lock(as_mutex(&m)), 0);
  cr_assert_eq(mutex_trylock(as_mutex(&m)), 0);
  cr_assert_eq(pthread_mutex_lock(&m), 0);
  cr_assert_eq(as_mutex(&m)->count, 3u);
  as_mutex(&m)->count = UINT32_MAX;
  cr_assert_eq(mutex_lock(as_mutex(&m)), EAGAIN);
  cr_assert_eq(mutex_trylock(as_mutex(&m)), EAGAIN);
  as_mutex(&m)->count = 2;
  cr_assert_eq(mutex_unlock(as_mutex(&m)), 0);
  cr_assert_eq(trylock_elsewhere(&m), EBUSY);
  cr_assert_eq(mutex_unlock(as_mutex(&m)), 0);
  cr_assert_not(mutex_is_locked(as_mutex(&m)));
}

Test(mutex, errorcheck) {
  pthread_mutex_t m = of_kind(PTHREAD_MUTEX_ERRORCHECK);
  const timespec bad = {0, -1};
  cr_assert_eq(mutex_unlock(as_mutex(&m)), EPERM);
  cr_assert_eq(mutex_lock(as_mutex(&m)), 0);
  cr_assert_eq(mutex_lock(as_mutex(&m)), EDEADLK);
  cr_assert_eq(mutex_timedlock(as_mutex(&m), CLOCK_REALTIME, &bad), EDEADLK);
  cr_assert_eq(mutex_trylock(as_mutex(&m)), EBUSY);
  cr_assert_eq(mutex_unlock(as_mutex(&m)), 0);
}

Test(mutex, timedlock_looks_at_the_time_only_to_wait) {
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  const timespec bad = {0, 1000000000}, past = {1, 0}, before_epoch = {-5, 0};
  cr_assert_eq(mutex_timedlock(as_mutex(&m), CLOCK_REALTIME, &bad), 0);
  cr_assert_eq(mutex_timedlock(as_mutex(&m), CLOCK_REALTIME, &bad), EINVAL);
  cr_assert_eq(mutex_timedlock(as_mutex(&m), CLOCK_REALTIME, &past), ETIMEDOUT);
  cr_assert_eq(mutex_timedlock(as_mutex(&m), CLOCK_MONOTONIC, &before_epoch), ETIMEDOUT);
  // Its wait left the word at 2; the unlock finds nobody.
  cr_assert_eq(mutex_unlock(as_mutex(&m)), 0);
  cr_assert_not(mutex_is_locked(as_mutex(&m)));
}

Test(mutex, whose) {
  const int kinds_of_libc[] = {16, 64, 128, 16 | 128, 32 | 128, 16 | 32, -1, kGivenToLibc};
  for (int kind : kinds_of_libc) {
    pthread_mutex_t m = of_kind(kind);
    cr_assert_not(mutex_is_ours(as_mutex(&m)), "kind %d", kind);
  }
  const int kinds_of_ours[] = {0, 1, 2, 3, 32, 32 | 2, 256, 512 | 1};
  for (int kind : kinds_of_ours) {
    pthread_mutex_t m = of_kind(kind);
    cr_assert(mutex_is_ours(as_mutex(&m)), "kind %d", kind);
  }
}

Test(mutex, given_to_libc_sends_waiters_there) {
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  cr_assert_eq(mutex_lock(as_mutex(&m)), 0);
  pthread_t t;
  pthread_create(
      &t, nullptr,
      [](void* p) -> void* {
        auto* mutex = static_cast<pthread_mutex_t*>(p);
        int error = mutex_lock(as_mutex(mutex));
        if (error == kAskLibc) error = pthread_mutex_lock(mutex);
        if (error == 0) pthread_mutex_unlock(mutex);
        return reinterpret_cast<void*>(static_cast<intptr_t>(error));
      },
      &m);
  while (as_mutex(&m)->lock.load_relaxed() != kContended) goyield();
  mutex_give_to_libc(as_mutex(&m));
  cr_assert_not(mutex_is_ours(as_mutex(&m)));
  pthread_mutex_unlock(&m);
  void* result = nullptr;
  pthread_join(t, &result);
  cr_assert_null(result);
}
