// One call of the kernel's serves all who asked for it before it began.
//
// 1,000 kernel threads in fsync of one file share its work inside the file system. 1,000 Gs must not be 1,000 kernel
// threads, so they share the call. Who finds nobody at its descriptor leads: it makes the call. Who comes while it is made
// may have written after the kernel looked, and waits for the next one, which the first of them leads for all that are
// there by then:
//
//   leader        call ............... over: the first of B C D leads
//   B  C  D            wait                call for B C D ........ over: E leads
//   E                                           wait                     call for E ...
//
// An error is told to all of a round: each of them may have lost what it wrote. A call that a signal interrupts is over
// for those it was made for too, and they begin anew; so nobody depends on what a handler does.
#include "netpoll/file_sync.h"

#include "base/file_stats.h"
#include "base/list.h"
#include "base/mlock.h"
#include "netpoll/file_call.h"
#include "netpoll/file_ring.h"
#include "netpoll/undisturbed.h"
#include "os/clock.h"
#include "os/syscall.h"
#include "sched/syscall.h"

namespace goshim {

namespace {

// So many Ms may be in fsync at once, of several files; who comes later goes by the ring. Alone, an M is sooner done.
constexpr int32_t kSyncingMs = 4;

constinit Atomic<int32_t> syncing;
// The last call was one that sleeps: the next one gives its P away at once.
constinit Atomic<bool> takes_long;

// On the stack of a G in fsync. Guarded by its bucket's lock; what a leader leads is its own.
struct Syncer {
  Syncer* next = nullptr;  // in the bucket, or in a leader's queue
  int fd;
  bool data_only;
  bool leads = false;
  bool done = false;
  long res = 0;
  Ticket ticket = {};
  IntrusiveQueue<Syncer, &Syncer::next> served = {};   // whom the leader's call is for
  IntrusiveQueue<Syncer, &Syncer::next> waiting = {};  // who has come since it began
};

struct Bucket {
  MLock lock{LockRank::kBackend};
  Syncer* leaders GS_GUARDED_BY(lock) = nullptr;
};

constexpr unsigned kBuckets = 64;
constinit Bucket buckets[kBuckets];

Bucket& bucket_of(const Syncer& s) { return buckets[static_cast<unsigned>(s.fd) % kBuckets]; }

// The link to the leader of what s asks for, or the last one.
Syncer** find_leader(Bucket& b, const Syncer& s) GS_REQUIRES(b.lock) {
  Syncer** link = &b.leaders;
  while (*link != nullptr && ((*link)->fd != s.fd || (*link)->data_only != s.data_only))
    link = &(*link)->next;
  return link;
}

// A new ticket for s; false if its wait is over.
bool waits_still(Syncer& s) {
  MLockGuard guard(bucket_of(s).lock);
  if (s.leads || s.done) return false;
  s.ticket = park_prepare();
  return true;
}

// Until `me` leads, or the call that was made for it is over.
void enter(Syncer& me, Undisturbed& rest) {
  Bucket& b = bucket_of(me);
  {
    MLockGuard guard(b.lock);
    Syncer** leader = find_leader(b, me);
    if (*leader == nullptr) {
      me.leads = true;
      *leader = &me;
      return;
    }
    me.ticket = park_prepare();
    (*leader)->waiting.push_back(&me);
  }
  do {
    rest.park(me.ticket, WaitReason::kFileSync);
  } while (waits_still(me));
}

void end_wait(Syncer* s, GList& woken) {
  const Ticket t = s->ticket;  // s is the waiter's from the claim on
  if (claim(t, Wake::kUnparked) == Claim::kParked) woken.push_back(t.gp);
}

// The call that `me` led is over.
void leave(Syncer& me) {
  GList woken;
  {
    Bucket& b = bucket_of(me);
    MLockGuard guard(b.lock);
    *find_leader(b, me) = me.next;
    if (Syncer* heir = me.waiting.pop_front()) {
      heir->served.append(me.waiting);
      heir->leads = true;
      heir->next = b.leaders;
      b.leaders = heir;
      end_wait(heir, woken);
    }
    while (Syncer* s = me.served.pop_front()) {
      s->res = me.res;
      s->done = true;
      end_wait(s, woken);
    }
  }
  goready_all(woken);
}

long call_kernel(int fd, bool data_only, Undisturbed& rest) {
  const bool are_few = syncing.fetch_add_relaxed(1) < kSyncingMs;
  long r = are_few ? kNoRing : file_ring_sync(fd, data_only, rest);
  if (r == kNoRing) {
    file_stats.blocked.fetch_add_relaxed(1);
    const int64_t start = os::nanotime();
    // relaxed: a heuristic
    r = blocking([&] { return os::sys(data_only ? SYS_fdatasync : SYS_fsync, fd); },
                 takes_long.load_relaxed());
    takes_long.store_relaxed(os::nanotime() - start > kDiskWait);
  }
  syncing.fetch_sub_relaxed(1);
  return r;
}

long sync(int fd, bool data_only) {
  for (;;) {
    Syncer me = {.fd = fd, .data_only = data_only};
    Undisturbed rest;
    enter(me, rest);
    if (me.leads) {
      me.res = call_kernel(fd, data_only, rest);
      leave(me);
    } else {
      file_stats.shared.fetch_add_relaxed(1);
    }
    rest.end();
    if (me.res != -EINTR) return me.res;
    check_cancel();
    if (!deliver_signals()) return me.res;
  }
}

}  // namespace

long fd_fsync(int fd) { return sync(fd, false); }
long fd_fdatasync(int fd) { return sync(fd, true); }

void file_sync_after_fork_child() GS_NO_TSA {
  for (Bucket& b : buckets) {
    b.lock.reset_after_fork();
    b.leaders = nullptr;
  }
  syncing.store_relaxed(0);
}

}  // namespace goshim
