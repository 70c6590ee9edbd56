// P: the right to run Gs, with what its holder needs at hand.
//
// Who holds a P is one word, so that taking it is one CAS (DESIGN section 4):
//
//    word = (id of the M << 8) | PStatus
//
//    (m, running)  M m's g0 or a hook on m works with it                 only m changes it
//    (m, syscall)  m runs program code and left it behind                m takes it back, or anybody retakes it
//    (0, idle)     on the idle list, or in the hands of who took it off  guarded by sched.lock / that M or sysmon
//    (0, gcstop)   the process is about to fork
//    (0, dead)     there are fewer now (procresize.cc); nobody's, with an empty queue, until there are more again
//
// The M's id in the word is what makes the CAS right: an M that comes back late finds another id, or another state,
// and knows that the P is gone, even if the P is in syscall state again on some other M.
//
//  [p.word]   M m, leaving the runtime                     sysmon, or an M in need
//             store_release (m, syscall)                   w = load; w is (x, syscall)
//             ... program code ...                         CAS acq_rel w -> (0, idle)     } one of the two CASes
//             CAS acq_rel (m, syscall) -> (m, running)                                    } succeeds
//
//  What the loser does: the M goes on without a P (a hook that needs one queues its G), sysmon leaves it alone.
#pragma once

#include <stdint.h>

#include "base/atomic.h"
#include "sched/runq.h"
#include "sched/stack.h"
#include "sched/timer.h"

namespace goshim {

struct M;

enum class PStatus : uint8_t { kIdle, kRunning, kSyscall, kGcstop, kDead };

constexpr uint32_t kRunqLen = 256;

inline uint64_t p_word(int32_t mid, PStatus st) {
  return (static_cast<uint64_t>(static_cast<uint32_t>(mid)) << 8) | static_cast<uint64_t>(st);
}
inline PStatus p_status(uint64_t w) { return static_cast<PStatus>(w & 0xff); }
inline int32_t p_mid(uint64_t w) { return static_cast<int32_t>(w >> 8); }

// Dead Gs of one stack class at hand: two piles, so that whoever frees and makes by turns stays off the pool.
struct GCache {
  static constexpr int32_t kPile = 32;
  GList hot;   // used from
  GList full;  // empty, or kPile of them
};

struct alignas(64) P {
  // Constant.
  int32_t id = 0;

  Atomic<uint64_t> word;  // [p.word]
  Atomic<M*> m;           // who held it last; for sysmon, which checks the id in `word`

  // Written by the holder; sysmon and the dump read them.
  Atomic<uint32_t> schedtick;  // one up per G started

  // So many more times a lone G is readied here beside an idle P, an M is woken for it; see spinning.h.
  Atomic<uint32_t> lone_wakes;

  // Guarded by sched.lock.
  P* idle_link = nullptr;

  // sysmon's own notes.
  uint32_t sysmon_tick = 0;
  int64_t sysmon_when = 0;
  uint32_t sysmon_call = 0;   // the declared blocking call that its M was in
  int64_t sysmon_cpu = 0;     // its M's CPU clock
  int64_t sysmon_cpu0 = 0;    // what that was when the tick was seen to move
  int64_t sysmon_asleep = 0;  // since when its M has been seen asleep, without CPU time in between

  RunQueue<kRunqLen> runq;
  alignas(64) TimerHeap timers;

  // The holder's.
  uint64_t next_goid = 0;  // up to end_goid are ours to give
  uint64_t end_goid = 0;
  GCache free_gs[kStackClasses];
};

}  // namespace goshim
