// sem_t: glibc's layout and meaning of every field, so that glibc's own sem_init, sem_getvalue,
// sem_trywait and sem_destroy go on working, on ours as on process-shared and named ones (which are
// glibc's altogether).
#pragma once

#include <semaphore.h>
#include <stdint.h>

#include "base/atomic.h"
#include "sync/deadline.h"

namespace goshim::sync {

struct Sem {
  Atomic<uint64_t> data;  // low half: the value; high half: how many wait or are about to
  int32_t shared;         // 0: private
  int32_t pad;
};
static_assert(sizeof(Sem) <= sizeof(sem_t) && alignof(Sem) <= alignof(sem_t));

inline Sem* as_sem(sem_t* s) { return reinterpret_cast<Sem*>(s); }
inline bool sem_is_ours(const Sem* s) { return s->shared == 0; }

// Takes one without waiting.
bool sem_try(Sem* s);

// 0, -ETIMEDOUT, -EINTR, or kSemCancelled: cancelled while waiting, nothing taken.
constexpr int kSemCancelled = -1000;
int sem_acquire(Sem* s, const Deadline& deadline);

// 0, or -EOVERFLOW.
int sem_release(Sem* s);

// sem_timedwait and sem_clockwait: 0, -EINVAL (looked at first), and as sem_acquire.
int sem_timed_acquire(Sem* s, clockid_t clock, const timespec* abstime);

}  // namespace goshim::sync
