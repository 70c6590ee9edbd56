// Join and detach: the state machine drawn in thread.h, from both of its sides.
#include <errno.h>

#include "base/perturb.h"
#include "sched/sched.h"
#include "sched/tls.h"
#include "thread/thread.h"

namespace goshim {

namespace {

uint32_t with(uint32_t word, JoinState s) {
  return (word & ~kJoinStateMask) | static_cast<uint32_t>(s);
}
uint32_t next_episode(uint32_t word, JoinState s) { return with(word + kJoinStateMask + 1, s); }

uint32_t load(Thread* t) { return t->join_word.load_acquire(); }  // [thread.join]

// acq_rel both ways; a failure reads the word again, because what it says is acted upon.
bool change(Thread* t, uint32_t& w, uint32_t want) {
  if (t->join_word.cas_acq_rel(w, want)) return true;  // [thread.join]
  w = load(t);
  return false;
}

// Exactly one caller gets here for each thread: the one that moved it to kReaped.
int reap(G* gp, void** retval) {
  Thread* t = thread_of(gp);
  if (retval != nullptr) *retval = t->retval;
  if (gp->thread != nullptr) gfree(gp);  // main's is static
  return 0;
}

bool is_free(G* gp) { return gp->get_status() == GStatus::kIdle; }

// Two that join each other would wait for ever, unless gp is to be cancelled and thus gives up or the
// caller is, at the point it comes to.
bool waits_for(Thread* mine, G* gp) {
  // relaxed: a request that comes later than this call may as well come too late.
  if ((gp->cancel.load_relaxed() & (kCancelRequested | kCancelExiting)) != 0) return false;
  if (cancel_due(getg())) return false;
  return join_state(load(mine)) == JoinState::kJoining &&
         mine->joiner.load_relaxed() == gp;  // relaxed: valid in kJoining
}

// The word says kClaimed and is ours. Publishes the ticket and waits.
int wait_for_end(G* gp, Ticket me, uint32_t w, void** retval, int64_t deadline) {
  Thread* t = thread_of(gp);
  t->joiner.store_release(me.gp);       // [thread.ticket] the CAS to kClaimed was before
  t->joiner_seq.store_release(me.seq);  // [thread.ticket]
  GS_PERTURB("thread_join.before_publish");
  uint32_t joining = with(w, JoinState::kJoining);
  Wake why = Wake::kUnparked;
  if (change(t, w, joining)) {
    why = gopark(me, WaitReason::kJoin, deadline, reinterpret_cast<uint64_t>(gp));
  } else {
    park_cancel(me);  // it ended meanwhile
  }
  if (why != Wake::kUnparked && change(t, joining, with(joining, JoinState::kJoinable))) {
    return why == Wake::kTimeout ? ETIMEDOUT : EINTR;
  }
  // kJoined, or kJoining and claimed by the G that ended: nobody else may touch it.
  t->join_word.store_release(with(load(t), JoinState::kReaped));  // [thread.join]
  return reap(gp, retval);
}

}  // namespace

G* join_claim_joiner(Thread* t) {
  const uint32_t w = load(t);
  if (join_state(w) != JoinState::kJoining) return nullptr;
  G* gp = t->joiner.load_acquire();                   // [thread.ticket]
  const uint64_t seq = t->joiner_seq.load_acquire();  // [thread.ticket]
  GS_PERTURB("join_claim.before_look");
  // A later episode's word: half of what was read may be of its ticket. Who has read any of it reads that word too.
  if (t->join_word.load_relaxed() != w) return nullptr;  // relaxed: as just said
  return claim_parked({gp, seq}, Wake::kUnparked) ? gp : nullptr;
}

bool join_ended(Thread* t) {
  uint32_t w = load(t);
  for (;;) {
    const JoinState s = join_state(w);
    if (s == JoinState::kDetached) return true;
    // Read before the CAS: after it, the thread may be reaped, and have another life. If the CAS succeeds in kJoining,
    // the word's episode says that the ticket is the one that waits.
    const Ticket joiner = {t->joiner.load_relaxed(),
                           t->joiner_seq.load_relaxed()};  // relaxed: as just said
    GS_PERTURB("join_ended.before_publish");
    const bool claimed = s != JoinState::kJoinable;
    if (!change(t, w, with(w, claimed ? JoinState::kJoined : JoinState::kExited))) continue;
    if (s == JoinState::kJoining) wake(joiner, Wake::kUnparked);
    return false;
  }
}

int thread_join(G* gp, void** retval, int64_t deadline) {
  if (is_free(gp)) return ESRCH;
  Thread* t = thread_of(gp);
  for (uint32_t w = load(t);;) {
    const JoinState s = join_state(w);
    if (s == JoinState::kExited) {
      if (change(t, w, with(w, JoinState::kReaped))) return reap(gp, retval);
      continue;
    }
    G* self = getg();
    if (s == JoinState::kReaped) return ESRCH;
    if (s == JoinState::kDetached) return EINVAL;
    if (gp == self) return EDEADLK;
    if (s != JoinState::kJoinable) return EINVAL;  // somebody else waits for it
    if (self != nullptr && self->kind != GKind::kForeign && waits_for(thread_of(self), gp))
      return EDEADLK;
    const uint32_t claimed = next_episode(w, JoinState::kClaimed);
    if (change(t, w, claimed)) return wait_for_end(gp, park_prepare(), claimed, retval, deadline);
  }
}

int thread_tryjoin(G* gp, void** retval) {
  if (is_free(gp)) return ESRCH;
  Thread* t = thread_of(gp);
  uint32_t w = load(t);
  while (join_state(w) == JoinState::kExited) {
    if (change(t, w, with(w, JoinState::kReaped))) return reap(gp, retval);
  }
  return EBUSY;  // glibc does not look whether it could ever be joined
}

int thread_detach(G* gp) {
  if (is_free(gp)) return ESRCH;
  Thread* t = thread_of(gp);
  for (uint32_t w = load(t);;) {
    switch (join_state(w)) {
      case JoinState::kJoinable:
        if (change(t, w, with(w, JoinState::kDetached))) return 0;
        break;
      case JoinState::kExited:
        if (change(t, w, with(w, JoinState::kReaped))) return reap(gp, nullptr);
        break;
      case JoinState::kDetached:
        return EINVAL;
      case JoinState::kReaped:
        return ESRCH;
      default:
        return 0;  // somebody joins it, as glibc has it
    }
  }
}

}  // namespace goshim
