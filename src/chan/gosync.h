// What package sync has: WaitGroup, Mutex, RWMutex, Once, Cond, with Go's semantics.
//
// All of them are ready for use when zero, live in the program's memory, and are nobody's in particular: any thread may
// unlock what another has locked. They stand on the parking lot; the mutex is the pthread one's algorithm, without owner.
#pragma once

#include <stdint.h>

#include "base/atomic.h"
#include "sync/mutex.h"

namespace goshim::chan {

// (counter << 32) | 1 if somebody waits. [wg.state]
struct WaitGroup {
  Atomic<uint64_t> state;
};
// Panics when the counter becomes negative.
void wg_add(WaitGroup* wg, int32_t delta);
void wg_wait(WaitGroup* wg);

using GoMutex = sync::Mutex;
void gomutex_lock_slow(GoMutex* m);
inline void gomutex_lock(GoMutex* m) {
  if (GS_UNLIKELY(!sync::mutex_try_acquire(m))) gomutex_lock_slow(m);
}
inline bool gomutex_try_lock(GoMutex* m) { return sync::mutex_try_acquire(m); }
void gomutex_unlock(GoMutex* m);

// Go's: a writer that waits keeps new readers out; the readers who are in let it in, and it lets those in who came
// meanwhile.
struct RWMutex {
  GoMutex writers;
  Atomic<uint32_t> writer_sem;
  Atomic<uint32_t> reader_sem;
  Atomic<int32_t> reader_count;  // minus kMaxReaders while a writer is in or waits. [rw.count]
  Atomic<int32_t> reader_wait;   // readers the writer waits for
};
void rw_rlock(RWMutex* rw);
bool rw_try_rlock(RWMutex* rw);
void rw_runlock(RWMutex* rw);
void rw_lock(RWMutex* rw);
bool rw_try_lock(RWMutex* rw);
void rw_unlock(RWMutex* rw);

struct Once {
  GoMutex m;
  Atomic<uint32_t> done;  // [once.flag]
};
void once_do_slow(Once* o, void (*fn)(void*), void* arg);
inline void once_do(Once* o, void (*fn)(void*), void* arg) {
  if (GS_UNLIKELY(o->done.load_acquire() == 0)) once_do_slow(o, fn, arg);  // [once.flag]
}

struct GoCond {
  uint64_t unused;
};
// Unlocks m, waits for a signal that comes after that, and locks m. Never returns without one.
void gocond_wait(GoCond* c, GoMutex* m);
void gocond_signal(GoCond* c);
void gocond_broadcast(GoCond* c);

}  // namespace goshim::chan
