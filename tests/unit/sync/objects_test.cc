// Error numbers and layouts of the objects that need no second thread.
#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>

#include "base/debugvars.h"
#include "os/clock.h"
#include "sync/barrier.h"
#include "sync/cond.h"
#include "sync/rwlock.h"
#include "sync/sem.h"

using namespace goshim;
using namespace goshim::sync;

namespace {

constexpr LibcMutex kNone = {nullptr, nullptr};
constexpr timespec kPast = {1, 0};
constexpr timespec kBad = {1, 1000000000};

void init() {
  os::clock_init();
  options_init();
}

}  // namespace

TestSuite(objects, .init = init);

Test(objects, cond_reads_libcs_attributes) {
  pthread_condattr_t attr;
  pthread_condattr_init(&attr);
  pthread_cond_t c;
  pthread_cond_init(&c, &attr);
  cr_assert(cond_is_ours(as_cond(&c)) && cond_clock(as_cond(&c)) == CLOCK_REALTIME);
  pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
  pthread_cond_init(&c, &attr);
  cr_assert(cond_is_ours(as_cond(&c)) && cond_clock(as_cond(&c)) == CLOCK_MONOTONIC);
  pthread_condattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
  pthread_cond_init(&c, &attr);
  cr_assert_not(cond_is_ours(as_cond(&c)));
}

Test(objects, cond_errors) {
  pthread_cond_t c = PTHREAD_COND_INITIALIZER;
  pthread_mutex_t m = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
  cond_signal(as_cond(&c));
  cond_broadcast(as_cond(&c));
  cr_assert_eq(cond_timedwait(as_cond(&c), &m, CLOCK_REALTIME, &kPast, kNone), EPERM);
  cr_assert_eq(mutex_lock(as_mutex(&m)), 0);
  cr_assert_eq(cond_timedwait(as_cond(&c), &m, CLOCK_REALTIME, &kBad, kNone), EINVAL);
  cr_assert_eq(cond_timedwait(as_cond(&c), &m, CLOCK_PROCESS_CPUTIME_ID, &kPast, kNone), EINVAL);
  cr_assert_eq(cond_timedwait(as_cond(&c), &m, CLOCK_REALTIME, &kPast, kNone), ETIMEDOUT);
  cr_assert_eq(mutex_lock(as_mutex(&m)), EDEADLK);
  cr_assert_eq(as_cond(&c)->waiters.load_relaxed(), 0u);
  cr_assert_eq(as_mutex(&m)->nusers, 1u);
}

Test(objects, sem_is_libcs_too) {
  sem_t s;
  sem_init(&s, 0, 1);
  cr_assert(sem_is_ours(as_sem(&s)));
  cr_assert_eq(sem_acquire(as_sem(&s), Deadline::never()), 0);
  cr_assert_not(sem_try(as_sem(&s)));
  cr_assert_eq(sem_timed_acquire(as_sem(&s), CLOCK_REALTIME, &kPast), -ETIMEDOUT);
  cr_assert_eq(sem_timed_acquire(as_sem(&s), CLOCK_REALTIME, &kBad), -EINVAL);
  cr_assert_eq(sem_release(as_sem(&s)), 0);
  int value = 0;
  sem_getvalue(&s, &value);
  cr_assert_eq(value, 1);
  cr_assert_eq(sem_trywait(&s), 0);
  sem_init(&s, 0, SEM_VALUE_MAX);
  cr_assert_eq(sem_release(as_sem(&s)), -EOVERFLOW);
  sem_init(&s, 1, 0);
  cr_assert_not(sem_is_ours(as_sem(&s)));
}

Test(objects, rwlock_errors) {
  pthread_rwlock_t rw = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
  Rwlock* l = as_rwlock(&rw);
  cr_assert_eq(rwlock_timedrdlock(l, CLOCK_REALTIME, &kBad), EINVAL);
  cr_assert_eq(rwlock_timedrdlock(l, CLOCK_BOOTTIME, &kPast), EINVAL);
  cr_assert_eq(rwlock_rdlock(l), 0);
  cr_assert_eq(rwlock_tryrdlock(l), 0);
  cr_assert_eq(rwlock_trywrlock(l), EBUSY);
  cr_assert_eq(rwlock_timedwrlock(l, CLOCK_REALTIME, &kPast), ETIMEDOUT);
  cr_assert_eq(rwlock_tryrdlock(l), 0, "the writer that gave up keeps nobody out");
  for (int i = 0; i < 3; i++) cr_assert_eq(rwlock_unlock(l), 0);
  cr_assert_eq(rwlock_wrlock(l), 0);
  cr_assert_eq(rwlock_wrlock(l), EDEADLK);
  cr_assert_eq(rwlock_rdlock(l), EDEADLK);
  cr_assert_eq(rwlock_tryrdlock(l), EBUSY);
  cr_assert_eq(rwlock_unlock(l), 0);
  cr_assert_eq(l->state.load_relaxed(), 0u);
}

Test(objects, barrier_of_one) {
  pthread_barrier_t b;
  pthread_barrier_init(&b, nullptr, 1);
  for (int i = 0; i < 3; i++)
    cr_assert_eq(barrier_wait(as_barrier(&b)), PTHREAD_BARRIER_SERIAL_THREAD);
}
