// The order of all MLocks: a lock may be taken only while every lock already held by this M has a smaller rank.
// Builds with invariants check it at every acquire; others compile it away.
#pragma once

#include <stdint.h>

namespace goshim {

enum class LockRank : uint8_t {
  kForkGate,      // runtime/fork: held across fork
  kThread,        // thread: thread table, keys
  kBucket,        // sync/parking_lot: one bucket; a second bucket of a higher address may follow
  kContext,       // chan: one tree of contexts
  kGoTimer,       // chan: one timer or ticker
  kChan,          // chan: one channel; a second one of a higher address may follow
  kFdTable,       // netpoll/fd_table: growth
  kPollDesc,      // netpoll: one PollDesc
  kBackend,       // netpoll: a backend's submission side
  kSigTable,      // thread: signal state
  kThreadTimers,  // thread: timers that signal one thread
  kCreds,         // sched: kernel threads are made, credentials changed
  kProcs,         // sched: the number of Ps changes
  kSched,         // sched.lock: global queue, idle lists
  kTimers,        // a P's timer heap; a second one in timers_adopt
  kAllgs,         // the list of all Gs
  kStackPool,     // sched/stack
  kSlab,          // base/slab
  kCount,
};

#ifdef GOSHIM_INVARIANTS
void lock_rank_acquire(LockRank rank);
void lock_rank_release(LockRank rank);
#else
inline void lock_rank_acquire(LockRank) {}
inline void lock_rank_release(LockRank) {}
#endif

}  // namespace goshim
