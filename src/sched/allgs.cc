// All Gs: the list of them, and the dead ones that wait for their next life.
//
// A G is put on the list when it is made and stays there; whoever walks it skips those that are dead and reaped. So
// making and ending a thread again and again touches no lock: the dead ones wait at the P, as in Go, and go to the common
// pool, or come from it, a pile at a time.
#include "sched/allgs.h"
#include "arch/amd64/tcb.h"
#include "base/slab.h"
#include "os/memory.h"
#include "sched/with_p.h"

namespace goshim {

static constinit MLock pool_lock{LockRank::kAllgs};
constinit IntrusiveQueue<G, &G::all_link> allgs GS_GUARDED_BY(pool_lock) = {};

namespace {

// So many dead Gs in the pool keep their stack pages, while they are needed now and again; further ones give them back.
constexpr int32_t kWarmMax = 4096;
constexpr uint64_t kGoids = 64;

constinit Slab<G> g_slab;
struct Pool {
  GList warm;
  int32_t least = 0;  // how many of the warm ones nobody has needed since the last trim
  GList cold;         // without stack pages

  G* pop() {
    G* gp = warm.pop_front();
    if (gp == nullptr) return cold.pop_front();
    if (warm.size() < least) least = warm.size();
    return gp;
  }
};
constinit Pool pools[kStackClasses] GS_GUARDED_BY(pool_lock) = {};
// For which there was no memory for a TCB, or not even for a slot. They keep what they have for the next attempt.
constinit GList half_made[kStackClasses] GS_GUARDED_BY(pool_lock) = {};
constinit Atomic<uint32_t> next_serial{1};
constinit Atomic<uint64_t> next_goid{2};  // 1 is main

int pool_of(const G* gp) { return gp->stack.size_class - kMinStackShift; }

// Its stack, but not the TLS block, where the TCB is: what is below the first page of it in which there is
// anything. Room for libraries that come late is mostly empty, so that one page stays.
iovec stack_pages(const G* gp) {
  char* lo = gp->stack.slot_lo + gp->stack.guard;
  const char* hi = gp->stack.slot_hi;
  const auto* word =
      reinterpret_cast<const uint64_t*>(hi - os::round_up(tls_block_size(), tls_block_align()));
  while (reinterpret_cast<const char*>(word) < hi && *word == 0) word++;
  const uintptr_t keep = reinterpret_cast<uintptr_t>(word) & ~(os::kPage - 1);
  return {lo, keep - reinterpret_cast<uintptr_t>(lo)};
}

void discard_stacks(const GList& pile) {
  iovec v[GCache::kPile];
  int n = 0;
  for (const G* gp = pile.front(); gp != nullptr; gp = gp->schedlink) {
    v[n++] = stack_pages(gp);
    if (n < GCache::kPile) continue;
    os::discard(v, n);
    n = 0;
  }
  os::discard(v, n);
}

void pool_put(int pool, GList& pile) {
  {
    MLockGuard g(pool_lock);
    GList& warm = pools[pool].warm;
    while (!pile.is_empty() && warm.size() < kWarmMax) warm.push_front(pile.pop_front());
    if (GS_LIKELY(pile.is_empty())) return;
  }
  discard_stacks(pile);
  MLockGuard g(pool_lock);
  pools[pool].cold.append(pile);
}

void pool_get(int pool, int32_t n, GList& pile) {
  MLockGuard g(pool_lock);
  while (n-- > 0) {
    G* gp = pools[pool].pop();
    if (gp == nullptr) return;
    pile.push_back(gp);
  }
}

// Takes up to a pile of those that may be trimmed; `n` counts down.
void take_to_trim(int pool, int32_t& n, GList& pile) {
  MLockGuard g(pool_lock);
  GList& warm = pools[pool].warm;
  for (int32_t i = 0; i < GCache::kPile && n > 0 && !warm.is_empty(); i++, n--)
    pile.push_back(warm.pop_front());
}

// A foreign thread's has no status.
bool is_in_use(const G* gp) {
  return gp->get_status() != GStatus::kIdle || gp->kind == GKind::kForeign;
}

}  // namespace

G* gfget(P* pp, int size_class) {
  const int pool = size_class - kMinStackShift;
  if (pp == nullptr) {
    GList one;
    pool_get(pool, 1, one);
    return one.pop_front();
  }
  GCache& c = pp->free_gs[pool];
  if (c.hot.is_empty()) c.hot.append(c.full);
  if (c.hot.is_empty()) pool_get(pool, GCache::kPile, c.hot);
  return c.hot.pop_front();
}

void gfput(P* pp, G* gp) {
  const int pool = pool_of(gp);
  if (pp == nullptr) {
    GList one;
    one.push_back(gp);
    pool_put(pool, one);
    return;
  }
  GCache& c = pp->free_gs[pool];
  if (c.hot.size() >= GCache::kPile) {
    if (!c.full.is_empty()) pool_put(pool, c.full);
    c.full.append(c.hot);
  }
  c.hot.push_front(gp);
}

void gfree_all(P* pp) {
  for (int i = 0; i < kStackClasses; i++) {
    pool_put(i, pp->free_gs[i].hot);
    pool_put(i, pp->free_gs[i].full);
  }
}

void gtrim(bool all) {
  for (int i = 0; i < kStackClasses; i++) {
    int32_t n;
    {
      MLockGuard g(pool_lock);
      n = all ? pools[i].warm.size() : pools[i].least;
    }
    while (n > 0) {
      GList pile;
      take_to_trim(i, n, pile);
      if (pile.is_empty()) break;
      discard_stacks(pile);
      MLockGuard g(pool_lock);
      pools[i].cold.append(pile);
    }
    MLockGuard g(pool_lock);
    pools[i].least = pools[i].warm.size();
  }
}

uint64_t goid_new(P* pp) {
  if (pp == nullptr) return next_goid.fetch_add_relaxed(1);
  if (pp->next_goid == pp->end_goid) {
    pp->next_goid = next_goid.fetch_add_relaxed(kGoids);
    pp->end_goid = pp->next_goid + kGoids;
  }
  return pp->next_goid++;
}

G* galloc(int size_class) {
  {
    MLockGuard g(pool_lock);
    G* gp = half_made[size_class - kMinStackShift].pop_front();
    if (gp != nullptr) return gp;
  }
  G* gp = g_slab.alloc();
  if (gp != nullptr) gp->serial = next_serial.fetch_add_relaxed(1);
  return gp;
}

void gkeep(G* gp, int size_class) {
  MLockGuard g(pool_lock);
  half_made[size_class - kMinStackShift].push_front(gp);
}

void gadd(G* gp) {
  if (GS_LIKELY(gp->is_listed)) return;
  gp->is_listed = true;
  MLockGuard g(pool_lock);
  allgs.push_back(gp);
}

void for_each_g(void (*f)(G*, void*), void* arg) {
  MLockGuard g(pool_lock);
  for (G* gp = allgs.front(); gp != nullptr; gp = gp->all_link) {
    if (is_in_use(gp)) f(gp, arg);
  }
}

void for_each_tcb(void (*f)(void*, void*), void* arg) {
  MLockGuard g(pool_lock);
  for (G* gp = allgs.front(); gp != nullptr; gp = gp->all_link) {
    if (gp->kind != GKind::kForeign) f(gp->tcb, arg);
  }
}

G* g_by_tid(int32_t tid) {
  MLockGuard g(pool_lock);
  for (G* gp = allgs.front(); gp != nullptr; gp = gp->all_link) {
    if (gp->tid == tid && is_in_use(gp) && gp->kind != GKind::kForeign) return gp;
  }
  return nullptr;
}

void allgs_after_fork_child() GS_NO_TSA {
  if (pool_lock.is_locked()) {
    for (Pool& pool : pools) pool = Pool();
    for (GList& pool : half_made) pool = GList();
    pool_lock.reset_after_fork();
  }
  for (int32_t i = 0; i < sched.nallp.load_relaxed(); i++) {
    P* pp = sched.allp[i];
    // Somebody was in the middle of something.
    if (p_status(pp->word.load_relaxed()) == PStatus::kRunning) continue;
    for (int k = 0; k < kStackClasses; k++) {
      pools[k].warm.append(pp->free_gs[k].hot);
      pools[k].warm.append(pp->free_gs[k].full);
    }
  }
  // Those that are free are all there are.
  allgs = {};
  for (const Pool& pool : pools) {
    for (G* gp = pool.warm.front(); gp != nullptr; gp = gp->schedlink) allgs.push_back(gp);
    for (G* gp = pool.cold.front(); gp != nullptr; gp = gp->schedlink) allgs.push_back(gp);
  }
  g_slab.reset_after_fork();
}

}  // namespace goshim
