// The number of Ps, while the program runs. Nothing is stopped for it.
//
// Ps are made and never freed. `gomaxprocs` says how many there are to be; a P with a higher id is surplus. There are
// four hands in which a surplus P can be, and each lets go of it by itself:
//
//    on the idle list             procresize() takes it off, under sched.lock
//    left behind by program code  procresize(), or later sysmon, retakes it: the M runs on without a P, as after any
//                                 retake, and its G queues for one of the others at its next hook
//    held by an M that schedules  find_runnable() asks before it looks for work
//    on its way between two       whoever wants to put it on the idle list or to hand it on asks (pidleput, handoffp)
//
// Whoever has it in hand retires it: its queue goes to the global one, its word becomes dead. So no P is ever
// taken from somebody who works with it, and the only thing shared is the P's word, as always (p.h).
//
//   procresize(n)                                      an M, from find_runnable() to the end of a hook
//   lock; gomaxprocs = n; unlock                       reads gomaxprocs: old -> runs one more G with its P,
//   each surplus P: (x, syscall) ?                        leaves it behind: word = (m, syscall)
//       yes: CAS -> (0, idle), retire it                  the next look of sysmon, or its own, finds it
//       no:  its holder will see n                     reads n -> retires it
//   kick sysmon
//
// The word decides who retires it: procresize and sysmon by the CAS, the M because it holds it. A late reader costs one
// turn, never a P that is lost or that two have.
//
// Growing: a dead P below n becomes an idle one under the lock under which it died. A surplus P that nobody has retired yet
// is none any more.
//
// `npidle == nprocs` is how the others see that nothing runs. nprocs counts the Ps that are not dead, surplus or
// not. The two counters change one after the other, in the order in which, in between, one P more seems busy: going, it
// leaves the idle list first; coming, it is counted first. To take an idle process for a busy one costs a look by
// sysmon; the other way round it would sleep with work to watch. A reader who had the one from before and the other from
// after is put right by the wakep() and the kick of sysmon that follow each change.
//
// Timers stay in the heap of a dead P, where block_in_poller() and thieves see them as before (they look at all there
// are), until sysmon moves them to the first P's. A timer may still be added there, by program code whose M had that
// P last; sysmon sweeps again.
//
// A rejected design: Go's, to stop the world, deal the queues anew and start it. Here program code cannot be stopped (it
// is in "syscall" state, without safe points), and nothing needs it to be.
//
// Orders: [sched.allp] nallp is released after the new entries of allp -> who reads nallp acquires them.
#include <errno.h>

#include <new>

#include "base/debugvars.h"
#include "base/perturb.h"
#include "os/cpu.h"
#include "os/memory.h"
#include "sched/sched.h"
#include "sched/syscall.h"
#include "sched/sysmon.h"
#include "sched/tls.h"

namespace goshim {

namespace {

constinit MLock resize_lock{LockRank::kProcs};

// What the program has asked for; 0: nothing. Stays through a fork.
constinit Atomic<int32_t> asked;

// Dead Ps up to id n-1. One resizes at a time.
bool make_until(int n) {
  const int32_t have = sched.nallp.load_relaxed();  // relaxed: nobody else changes it
  if (n <= have) return true;
  auto* mem = static_cast<char*>(
      os::map_pages(os::round_up(static_cast<size_t>(n - have) * sizeof(P), os::kPage)));
  if (mem == nullptr) return false;
  for (int32_t i = have; i < n; i++) {
    P* pp = new (mem + static_cast<size_t>(i - have) * sizeof(P)) P();
    pp->id = i;
    pp->word.store_relaxed(p_word(0, PStatus::kDead));
    sched.allp[i] = pp;
  }
  sched.nallp.store_release(n);  // [sched.allp]
  return true;
}

void revive(P* pp) GS_REQUIRES(sched.lock) {
  sched.nprocs.fetch_add_seq_cst(1);  // [spin.npidle]
  pp->word.store_relaxed(p_word(0, PStatus::kIdle));
  pidleput(pp);
}

// The idle ones that are too many.
void retire_idle() GS_REQUIRES(sched.lock) {
  for (P** link = &sched.pidle; *link != nullptr;) {
    P* pp = *link;
    if (!is_surplus(pp)) {
      link = &pp->idle_link;
      continue;
    }
    *link = pp->idle_link;
    pp->idle_link = nullptr;
    sched.npidle.fetch_sub_seq_cst(1);  // [spin.npidle]
    pretire(pp);
  }
}

// Those that program code has left behind. Should there be more again meanwhile, retirep() sees it.
void retake_surplus() {
  const int32_t all = sched.nallp.load_acquire();  // [sched.allp]
  for (int32_t i = 0; i < all; i++) {
    P* pp = sched.allp[i];
    if (!is_surplus(pp)) continue;
    const uint64_t word = pp->word.load_acquire();  // [p.word]
    GS_PERTURB("procresize.before_retake");
    if (p_status(word) == PStatus::kSyscall && retake(pp, word)) retirep(pp);
  }
}

}  // namespace

int procs_wanted() {
  if (const int32_t n = asked.load_relaxed(); n > 0) return n;
  return options.maxprocs > 0 ? static_cast<int>(options.maxprocs) : os::cpus_allowed();
}

void set_procs_wanted(int n) { asked.store_relaxed(n < kMaxProcs ? n : kMaxProcs); }

bool procs_make(int n) {
  if (!make_until(n)) return false;
  sched.gomaxprocs.store_relaxed(n);
  for (int i = n - 1; i >= 0; i--) revive(sched.allp[i]);
  return true;
}

void pretire(P* pp) {
  while (G* gp = pp->runq.get()) sched.globrunq.push_back(gp);
  sched.globrunq_size.store_relaxed(sched.globrunq.size());  // relaxed: written under the lock
  pp->word.store_release(p_word(0, PStatus::kDead));         // [p.word]
  sched.nprocs.fetch_sub_seq_cst(1);                         // [spin.npidle]
}

void retirep(P* pp) {
  {
    MLockGuard g(sched.lock);
    pidleput(pp);  // unless there are to be more again
  }
  wakep();
}

void procresize_after_fork_child() { resize_lock.reset_after_fork(); }

int procresize(int n) {
  if (n > kMaxProcs) n = kMaxProcs;
  int was;
  {
    MLockGuard r(resize_lock);
    if (!make_until(n)) return -ENOMEM;
    set_procs_wanted(n);
    {
      MLockGuard g(sched.lock);
      was = sched.gomaxprocs.load_relaxed();  // relaxed: under the lock
      sched.gomaxprocs.store_relaxed(n);
      for (int i = 0; i < n; i++) {
        P* pp = sched.allp[i];
        if (p_status(pp->word.load_relaxed()) == PStatus::kDead)  // relaxed: under the lock
          revive(pp);
      }
      retire_idle();
    }
  }
  GS_PERTURB("procresize.before_sweep");
  retake_surplus();
  wakep();
  sysmon_kick();
  // Our own P may have been one of them: then we queue for another, as the others do at their next call.
  exitsyscall();
  return was;
}

}  // namespace goshim
