// Orders: [timer.heap] whoever takes a timer out releases it -> its owner, seeing null, acquires it and may reuse it.
#include "sched/timer.h"

#include "os/clock.h"
#include "os/memory.h"
#include "sched/poller.h"
#include "sched/sched.h"
#include "sched/tls.h"

namespace goshim {

namespace {

// relaxed: read without the lock it is a hint; see TimerHeap::next_when
void update_next(TimerHeap* h) GS_REQUIRES(h->lock) {
  h->next_when.store_relaxed(h->len > 0 ? h->slots[0].when : kNever);
}

void place(TimerHeap* h, int32_t i, TimerHeap::Slot s) GS_REQUIRES(h->lock) {
  h->slots[i] = s;
  s.timer->index = i;
}

void sift_up(TimerHeap* h, int32_t i) GS_REQUIRES(h->lock) {
  const TimerHeap::Slot s = h->slots[i];
  while (i > 0) {
    const int32_t parent = (i - 1) / 4;
    if (h->slots[parent].when <= s.when) break;
    place(h, i, h->slots[parent]);
    i = parent;
  }
  place(h, i, s);
}

void sift_down(TimerHeap* h, int32_t i) GS_REQUIRES(h->lock) {
  const TimerHeap::Slot s = h->slots[i];
  for (;;) {
    const int32_t first = 4 * i + 1;
    if (first >= h->len) break;
    int32_t best = first;
    for (int32_t c = first + 1; c < first + 4 && c < h->len; c++) {
      if (h->slots[c].when < h->slots[best].when) best = c;
    }
    if (h->slots[best].when >= s.when) break;
    place(h, i, h->slots[best]);
    i = best;
  }
  place(h, i, s);
}

bool grow(TimerHeap* h) GS_REQUIRES(h->lock) {
  const int32_t cap = h->cap == 0 ? 256 : h->cap * 2;
  auto* slots = static_cast<TimerHeap::Slot*>(
      os::map_pages(static_cast<size_t>(cap) * sizeof(TimerHeap::Slot)));
  if (slots == nullptr) return false;
  for (int32_t i = 0; i < h->len; i++) slots[i] = h->slots[i];
  if (h->slots != nullptr)
    os::unmap(h->slots, static_cast<size_t>(h->cap) * sizeof(TimerHeap::Slot));
  h->slots = slots;
  h->cap = cap;
  return true;
}

void remove_at(TimerHeap* h, int32_t i) GS_REQUIRES(h->lock) {
  Timer* t = h->slots[i].timer;
  t->index = -1;
  t->heap.store_release(
      nullptr);  // [timer.heap] the last thing we do to it: its owner may now reuse it
  h->len--;
  if (i == h->len) return;
  place(h, i, h->slots[h->len]);
  if (i > 0 && h->slots[i].when < h->slots[(i - 1) / 4].when) {
    sift_up(h, i);
  } else {
    sift_down(h, i);
  }
}

// Any heap will do; the current P's is the least contended and the first to be looked at.
TimerHeap* home_heap() {
  G* gp = getg();
  if (gp != nullptr && gp->m != nullptr && gp->m->p != nullptr) return &gp->m->p->timers;
  return &sched.allp[0]->timers;
}

bool push(TimerHeap* h, Timer* t, bool* first) {
  MLockGuard g(h->lock);
  if (h->len == h->cap && !grow(h)) return false;
  h->slots[h->len] = {t->when, t};
  t->heap.store_relaxed(h);  // relaxed: guarded by the lock; timer_del re-checks under it
  sift_up(h, h->len++);
  *first = t->index == 0;
  update_next(h);
  return true;
}

//  [timer.dekker]  a G adds the earliest timer              an M is about to block in the poller
//                  next_when = when                         poll_until = what it computed
//                  fence             <--- pairs --->        fence
//                  poll_until > when ? poller.wake()        timers_next() again; earlier ? do not block so long
//  Both reading the old value would sleep through the timer; the fences forbid it.
void wake_poller_for(int64_t when) {
  fence_seq_cst();  // [timer.dekker]
  // relaxed: ordered by the fence
  if (sched.polling.load_relaxed() != 0) {
    if (sched.poll_until.load_relaxed() > when) poller.wake();
  } else if (sched.npidle.load_relaxed() == sched.nprocs.load_relaxed()) {
    // Nobody polls and nobody runs: a caller without a P (foreign thread, P-less M) must get somebody going.
    wakep();
  }
}

}  // namespace

bool timer_add(Timer* t) {
  bool first = false;
  if (!push(home_heap(), t, &first)) return false;
  if (first) wake_poller_for(t->when);
  return true;
}

bool timer_add_to(TimerHeap* h, Timer* t) {
  bool first;
  return push(h, t, &first);
}

bool timer_del(Timer* t) {
  for (;;) {
    TimerHeap* h = t->heap.load_acquire();  // [timer.heap]
    if (h == nullptr) return false;
    MLockGuard g(h->lock);
    if (t->heap.load_relaxed() != h) continue;  // relaxed: under the lock. It has run, or moved
    remove_at(h, t->index);
    update_next(h);
    return true;
  }
}

void timers_adopt(TimerHeap* from, TimerHeap* to) GS_NO_TSA {
  int64_t first = kNever;
  // Both are held until all have moved: no timer is ever seen in no heap but by who has taken it out. Nobody else holds
  // two.
  from->lock.lock();
  to->lock.lock();
  while (from->len > 0 && (to->len < to->cap || grow(to))) {
    const TimerHeap::Slot s = from->slots[--from->len];
    to->slots[to->len] = s;
    s.timer->heap.store_relaxed(to);  // relaxed: guarded by the locks; timer_del re-checks
    sift_up(to, to->len++);
    if (s.when < first) first = s.when;
  }
  update_next(to);
  update_next(from);
  to->lock.unlock();
  from->lock.unlock();
  if (first != kNever) wake_poller_for(first);
}

int64_t timers_run(TimerHeap* h, int64_t now) {
  for (;;) {
    Due due[kMaxDue];
    int n = 0;
    void (*fn)(const Due*, int) = nullptr;
    {
      MLockGuard g(h->lock);
      while (n < kMaxDue && h->len > 0 && h->slots[0].when <= now) {
        // Copied under the lock: once out of the heap, the owner may reuse the Timer.
        const Timer* t = h->slots[0].timer;
        if (n > 0 && t->fn != fn) break;
        fn = t->fn;
        due[n++] = {t->arg, t->seq};
        __builtin_prefetch(t->arg, 1);
        remove_at(h, 0);
      }
      update_next(h);
      if (n == 0) return h->len > 0 ? h->slots[0].when : kNever;
    }
    fn(due, n);
  }
}

int timers_count() {
  int count = 0;
  const int32_t n = sched.nallp.load_acquire();  // [sched.allp]
  for (int32_t i = 0; i < n; i++) {
    TimerHeap* h = &sched.allp[i]->timers;
    MLockGuard g(h->lock);
    count += h->len;
  }
  return count;
}

int64_t timers_next() {
  int64_t next = kNever;
  const int32_t n = sched.nallp.load_acquire();  // [sched.allp]
  for (int32_t i = 0; i < n; i++) {
    const int64_t w = sched.allp[i]->timers.next_when.load_relaxed();  // relaxed: a hint
    if (w < next) next = w;
  }
  return next;
}

}  // namespace goshim
