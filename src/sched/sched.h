// The scheduler: Gs on Ms that hold Ps.
//
// The loop is Go's. An M with a P takes a G from (1) now and then the global queue, (2) the P's own queue, (3) the
// global queue, (4) due timers, (5) another P's queue, (6) the network; with nothing found it gives the P up, and
// either becomes the one M that blocks in the poller or sleeps on its note.
//
// Rules:
//  1. Program code runs in syscall state (p.h). gopark, goready, newproc and yield take the P back for the time they
//     need it, and release it before program code goes on.
//  2. Scheduler code runs on g0, with the M's own TCB. It never calls libc, parks, or runs program code.
//  3. sched.lock protects the global queue, the idle lists and the list of Ms. It is held for a few dozen
//     instructions and never while waking a thread.
//  4. Work is submitted before idleness is checked, and idleness is announced before work is checked for the last
//     time: see spinning.h.
#pragma once

#include <stdint.h>

#include "base/annotations.h"
#include "base/atomic.h"
#include "base/mlock.h"
#include "base/perturb.h"
#include "sched/g.h"
#include "sched/m.h"
#include "sched/p.h"
#include "sched/park.h"

namespace goshim {

constexpr int kMaxProcs = 1024;

struct Sched {
  MLock lock{LockRank::kSched};

  GList globrunq GS_GUARDED_BY(lock);
  Atomic<int32_t> globrunq_size;  // written under lock; a hint without it

  M* midle GS_GUARDED_BY(lock) = nullptr;
  int32_t nmidle GS_GUARDED_BY(lock) = 0;
  M* allm GS_GUARDED_BY(lock) = nullptr;
  Atomic<int32_t> mcount;  // kernel threads
  int32_t next_mid GS_GUARDED_BY(lock) = 1;
  M* mdead GS_GUARDED_BY(lock) = nullptr;  // whose threads exit or have exited; to be used again
  bool mcap_warned GS_GUARDED_BY(lock) = false;
  M* newm GS_GUARDED_BY(lock) = nullptr;  // to be started by sysmon

  P* pidle GS_GUARDED_BY(lock) = nullptr;
  Atomic<int32_t> npidle;
  Atomic<int32_t> nmspinning;

  // Constant after schedinit.
  uint64_t cpus[16] = {};  // the CPU set of threads that asked for none

  // How many Ps: procresize.cc. Written under lock; who reads them without it can live with an old value.
  Atomic<int32_t> gomaxprocs;  // as many as the program wants; a P with a higher id is surplus
  Atomic<int32_t> nprocs;      // that are not dead; more than wanted while surplus ones are held
  // Ever made, dead ones included: the Ps to look through. [sched.allp]
  Atomic<int32_t> nallp;
  P* allp[kMaxProcs] = {};  // constant below nallp

  // 1 while some M is (about to be) blocked in the poller; poll_until is when it will come back by itself.
  Atomic<uint32_t> polling;
  Atomic<int64_t> poll_until;
  Atomic<int64_t> last_poll;

  // Counters for the trace line; relaxed.
  Atomic<uint64_t> wakeups, handoffs, retakes_blocked, retakes_unseen, retakes_hog, steals;
  Atomic<uint64_t> polls, polled;  // looks into the poller, and Gs that came out
  Atomic<int32_t> gcount;          // live Gs, main included
  Atomic<int64_t> coarse_now;      // nanotime, refreshed by sysmon and the poller

  Atomic<uint32_t> started;  // 1 once the first pthread_create has set the runtime up
};

extern Sched sched;

// True once Gs exist (release-stored last by the bootstrap).
inline bool started() {
  return __builtin_expect(sched.started.load_acquire() != 0, 1);  // [sched.started]
}

// Bootstrap on the calling thread: Ps, the first M around it, and itself as the first G. Returns nullptr or what
// failed. `adopt` false: the caller stays a foreign thread.
const char* schedinit(int nprocs, bool adopt);

// ---- procresize.cc: their number changes ---------------------------------------------------------------------

// From now on there are n of them, 1 to kMaxProcs. Returns how many there were, or -ENOMEM, and then nothing has
// changed. On a G or a foreign thread, after the start.
int procresize(int n);
// How many there are to be at the start: what the program asked for, or the options, or the CPUs there are.
int procs_wanted();
void set_procs_wanted(int n);
// Makes the first n, all idle.
bool procs_make(int n) GS_REQUIRES(sched.lock);
// One whose time is over: to be given up at the first chance.
inline bool is_surplus(const P* pp) {
  return pp->id >= sched.gomaxprocs.load_relaxed();  // relaxed: seen late it is given up late
}
// pp, surplus and in our hands, is no more.
void pretire(P* pp) GS_REQUIRES(sched.lock);
// The same, with somebody sent for what was queued there.
void retirep(P* pp);

// ---- pidle.cc: Ps change hands -------------------------------------------------------------------------------

void acquirep(M* mp, P* pp);  // pp in our hands and idle
P* releasep(M* mp);           // back in our hands, idle
P* pidleget() GS_REQUIRES(sched.lock);
void pidleput(P* pp) GS_REQUIRES(sched.lock);
void handoffp(P* pp);  // pp in our hands: find it an M, or the idle list

// The M takes back the P it left in syscall state. False: it was retaken (mp->p is null then).
inline bool exitsyscall_fast(M* mp) {
  P* pp = mp->p;
  if (pp == nullptr) return false;
  uint64_t w = p_word(mp->id, PStatus::kSyscall);
  if (GS_LIKELY(pp->word.cas_acq_rel(w, p_word(mp->id, PStatus::kRunning))))
    return true;  // [p.word]
  mp->p = nullptr;
  return false;
}
// Leaves the P behind for program code.
inline void entersyscall(M* mp) {
  mp->p->word.store_release(p_word(mp->id, PStatus::kSyscall));  // [p.word]
  GS_PERTURB("entersyscall.released");
}
// Takes a P in syscall state away from the M with this word. The caller then owns it (handoffp).
bool retake(P* pp, uint64_t word);

// ---- mstart.cc: Ms start and sleep ---------------------------------------------------------------------------

// An M with g0 and TCB but without a thread; nullptr when memory is exhausted.
M* mnew();
// Gets an M running with pp; pp may be null (one from the idle list is taken if there is one). With `spinning` the
// caller has counted the M in nmspinning.
void startm(P* pp, bool spinning);
// Could an idle P get one? A hint.
bool m_for_an_idle_p();
// An M for an idle P, whatever GOSHIM_MAXMS says. On sysmon.
void startm_beyond_cap();
// Ends the calling M's kernel thread: what a wired G leaves behind is not fit for others. On g0, without a P.
[[noreturn]] void mexit(M* mp);
// Starts the Ms that threads with settings of their own asked for: a kernel thread inherits its maker's. On sysmon.
void newm_asked_for();
// gp, which is new, as a wired G on a kernel thread that is a copy of the calling one. False: none is to be had.
bool newproc_wired(G* gp);
// The body of such a thread.
[[noreturn]] void run_wired(M* mp, G* gp);
// Held while a kernel thread is made, and while all change their credentials (src/thread/setxid.cc).
extern MLock creds_lock;
extern Atomic<uint32_t> creds_seq;  // changes so far; written under the lock

// Sleeps until an M is needed again; the M then holds a P.
void stopm(M* mp);
// One more M looks for work if there is an idle P and nobody is looking already.
void wakep();

// ---- lockedm.cc: wired Gs --------------------------------------------------------------------------------------

// From here on the calling G is a kernel thread of its own: its M runs nothing else, and its waits are the kernel's.
void wire_self();
// Back among the others. Only for one that has not changed what the kernel keeps for its thread.
void unwire_self();
// The same, for a thread that is about to change what the kernel keeps for it and what no thread of ours could set
// back. Threads that it creates are copies of it. Does nothing on a thread that is no G.
void wire_for_kernel_state();
void wired_begins(G* gp);  // on its kernel thread

// ---- schedule.cc ---------------------------------------------------------------------------------------------

[[noreturn]] void schedule_loop(M* mp);
// Switches from the running G to its M's g0, which runs fn(mp, gp). fn returns gp (or another G in its hands) to go on
// with it at once, or nullptr to let the M schedule. Returns when the calling G runs again.
void mcall(McallFn fn);
// The running G, whose park word is armed, parks. Returns as mcall.
void mcall_park();
// gp, the running G, has ended: who joins it, or the next one at hand, to be switched to in the same way (leave_to).
// nullptr: g0 must; then schedlink is a joiner to be readied, or null.
G* next_after_exit(G* gp);
// What a G does first whenever it comes up.
void switched(Transfer t);
// gp's context is saved: from armed to parked. False: it was claimed meanwhile and is the caller's.
bool park_publish(G* gp);
// The same on g0; returns gp if it is to go on.
G* park_m(M* mp, G* gp);
// First code on the g0 of an adopted thread, entered by the first mcall of its G.
[[noreturn]] void g0_entry(Transfer t);
// Something is queued that pp's M could run. A hint, for anybody.
inline bool work_for(const P* pp) {
  return sched.globrunq_size.load_relaxed() > 0 || !pp->runq.is_empty();  // relaxed: a hint
}
void globrunqput(G* gp);
void globrunqput_batch(GList& list);
// Makes gp (status set here) runnable on the current P if there is one, else globally. No wake-up decision.
void ready_on(M* mp, G* gp, bool next);

// ---- newproc.cc / goexit -------------------------------------------------------------------------------------

// What src/thread plugs in.
struct ThreadOps {
  void (*run)(G* gp) = nullptr;  // on the G: program code from start to end
  void (*wish)() = nullptr;      // on the G: G::wish_noted was found set
  // On the G, which is about to end: its joiner, if that sleeps, claimed; the caller makes it run, not before exited().
  G* (*joiner)(G* gp) = nullptr;
  // On g0 or the G that comes next; the stack is no longer in use: publish the end, or recycle.
  void (*exited)(G* gp) = nullptr;
};
extern ThreadOps thread_ops;

// A G with TCB and a stack of at least `stack_size` bytes in all, not yet started; nullptr when memory is exhausted.
// Program context only.
G* gnew(size_t stack_size, size_t guard_size);
// For a stack the program owns: only TCB and TLS are ours.
G* gnew_user_stack(char* lo, size_t size);
// Starts gp: it becomes runnable.
void newproc(G* gp);
// All of it but making it runnable.
void newproc_prepare(G* gp);
// Puts a dead G back. Any context.
void gfree(G* gp);
// From now on tids are of another range; at start and in a fork child.
void tids_reseed();
// Ends the calling G. Its last act on its own stack.
[[noreturn]] void goexit();

// All Gs there ever were. Others than allgs.cc only take its address.
extern IntrusiveQueue<G, &G::all_link> allgs;
// Calls f for every G that has been started and not reaped. Holds the allgs lock: f must not block or take locks of
// lower rank.
void for_each_g(void (*f)(G*, void*), void* arg);
// Calls f for the TCB of every G of ours, of those that are free too. As above.
void for_each_tcb(void (*f)(void* tcb, void* arg), void* arg);
// The live thread of ours with this tid; nullptr for the kernel's own and for foreign threads.
G* g_by_tid(int32_t tid);

void sysmon_start();
void sysmon_wake();
void sysmon_kick();                   // makes it go round once more, now
extern Atomic<uint32_t> sysmon_deep;  // sysmon sleeps long; whoever makes a P busy wakes it

void dump_all();
void check_invariants();
void schedtrace_line();

// Alone after a fork: as before schedinit.
void sched_after_fork_child();

}  // namespace goshim
