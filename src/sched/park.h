// Parking and waking: the whole interface that the layers above the scheduler wait through.
//
//   Ticket t = park_prepare();            // open an episode
//   ... give t to everybody who may wake you (under their locks) ...
//   Wake why = gopark(t, WaitReason::kX, deadline);
//   ... take back what is still registered ...
//
// Every call works on a G and on a kernel thread that is none (it gets a foreign G on first use).
#pragma once

#include <stdint.h>

#include "base/check.h"
#include "sched/g.h"
#include "sched/tls.h"

namespace goshim {

G* foreign_g();  // the calling kernel thread's foreign G, made on first use

// Opens a wait of the calling thread. After it, the caller must call gopark() or park_cancel().
inline Ticket park_prepare() {
  G* gp = getg();
  if (GS_UNLIKELY(gp == nullptr)) gp = foreign_g();
  const uint64_t seq = park_seq(gp->park_word.load_relaxed()) + 1;  // relaxed: only we change seq
  // Publication of the ticket (a lock, a release store) orders this for wakers.
  gp->park_word.store_relaxed(park_pack(seq, ParkState::kArmed));
  return {gp, seq};
}

// Ends an episode that turned out not to need waiting. Returns what had claimed it meanwhile (kNone if nobody): a
// caller whose registrations hand something over (a lock, a token) must honour kUnparked.
Wake park_cancel(Ticket t);

// Blocks the calling thread until its ticket is claimed or `deadline` (nanotime, kNever for none) has passed. May
// return on another M than it was called on. Called without any MLock. `on` is what it waits for, to be seen from
// outside: an fd, an address (goshim/layout.h). In two steps, for a wait that others may turn into one for something
// else, and in one.
inline void park_says(G* gp, WaitReason reason, uint64_t on) {
  gp->wait_reason.store_relaxed(reason);  // relaxed: told to whoever looks, at any moment
  gp->wait_on.store_relaxed(on);
}
Wake gopark(Ticket t, int64_t deadline);
inline Wake gopark(Ticket t, WaitReason reason, int64_t deadline = kNever, uint64_t on = 0) {
  park_says(t.gp, reason, on);
  return gopark(t, deadline);
}

// Outcome of claim().
enum class Claim : uint8_t {
  kLost,   // another waker was first, or the episode is over: the waiter does not count
  kArmed,  // won; the G has not gone to sleep yet and will not: nothing more to do
  kParked,  // won; the caller must pass the G to goready() or goready_all(), after dropping its locks
};

// Tries to be the one who ends t's wait. Never blocks; may be called with locks held, from any context.
Claim claim_slow(Ticket t, uint64_t woken);
inline Claim claim(Ticket t, Wake why) {
  const uint64_t woken = park_pack(t.seq, ParkState::kWoken, why);
  uint64_t w = park_pack(t.seq, ParkState::kParked);
  if (t.gp->park_word.cas_acq_rel(w, woken)) return Claim::kParked;  // [park.publish] [park.woken]
  return claim_slow(t, woken);
}

// The same, but only of a G that has gone to sleep; true is kParked.
inline bool claim_parked(Ticket t, Wake why) {
  uint64_t w = park_pack(t.seq, ParkState::kParked);
  return t.gp->park_word.cas_acq_rel(
      w, park_pack(t.seq, ParkState::kWoken, why));  // [park.publish] [park.woken]
}

// Makes a G whose claim said kParked run again; claim() itself wakes kernel threads. Any context, no locks held. With `next`, the G is likely to continue what the caller does and runs soon on the same P.
void goready(G* gp, bool next = true);

// claim + goready. True if this call ended the wait.
bool wake(Ticket t, Wake why, bool next = true);

// A list of claimed Gs, chained by schedlink; goready_all wakes them with one pass over the queues.
using GList = IntrusiveQueue<G, &G::schedlink>;
void goready_all(GList& list);

// Sleeps until nanotime() >= deadline. Returns kTimeout, or what interrupted it.
Wake gosleep(int64_t deadline);

// Puts the calling G at the end of the global queue and runs others (for a foreign thread: sched_yield).
void goyield();
// The same, but only if there seems to be another G queued that could run here.
void goyield_if_queued();

// A hint: a G that is readied now would run here when the calling G parks, and hardly before that. Nothing else is queued
// here, and no M looks for work.
bool ready_would_wait_for_me();

// A hint: Gs are queued here that would run if the calling G parked.
bool others_wait_for_me();

// A hint: another P runs Gs at this moment, so that what the caller waits for may come from there.
bool others_run();

// True once in n calls, by chance. Where others_wait_for_me() has been true.
bool once_in(uint32_t n);

// True on a G that may park in user space; false before start, on foreign and wired threads.
bool on_goroutine();

}  // namespace goshim
