// Per-P run queue.
//
// A ring of kLen Gs with one producer (the P's owner) and many consumers (thieves), and one hot slot, `next`.
// Ownership: a G in the queue belongs to it; get and steal hand it to the caller.
// Locks: none. Overflow is returned to the caller, who puts it on the global queue.
//
// A rejected design: a lock per queue. Thieves would stop the owner, which pays at every switch for something that
// happens when there is too little work anyway.
//
// Orders:
//   [runq.tail]  the owner's store of tail releases the slot and *gp   -> a thief's load of tail acquires them
//   [runq.head]  a consumer's CAS of head releases "slot has been read" -> the owner's load of head acquires it
//   [runq.next]  the owner's store or exchange of next releases *gp    -> whoever takes it acquires
#pragma once

#include <stdint.h>

#include "base/atomic.h"
#include "base/check.h"
#include "os/cpu.h"
#include "sched/park.h"

namespace goshim {

template <uint32_t kLen>
class RunQueue {
  static_assert((kLen & (kLen - 1)) == 0, "the index wraps by masking");

 public:
  // Owner only. Puts gp at the tail, or into `next`, whose old G is kicked to the tail. When the ring is full, half of
  // it and the G that did not fit go to `overflow`.
  void put(G* gp, bool next, GList& overflow) {
    if (next) {
      if (next_.load_relaxed() == nullptr) {  // relaxed: only we fill it
        next_.store_release(gp);              // [runq.next]
        return;
      }
      gp = next_.exchange_acq_rel(gp);  // [runq.next]
      if (gp == nullptr) return;
    }
    for (;;) {
      const uint32_t h = head_.load_acquire();  // [runq.head]
      const uint32_t t = tail_.load_relaxed();  // relaxed: only we write it
      if (t - h < kLen) {
        ring_[t & (kLen - 1)].store_relaxed(gp);  // relaxed: published by tail
        tail_.store_release(t + 1);               // [runq.tail]
        return;
      }
      if (put_slow(gp, h, t, overflow)) return;
    }
  }

  // Owner only. Takes a G, the hot one first; nullptr if there is none.
  G* get() {
    // Two Gs that ready each other through `next` must not starve the ring.
    if (next_.load_relaxed() != nullptr &&
        (next_streak_++ < kMaxStreak || ring_is_empty())) {  // relaxed: a hint
      G* gp = next_.exchange_acq_rel(nullptr);               // [runq.next]
      if (gp != nullptr) return gp;
    }
    for (;;) {
      uint32_t h = head_.load_acquire();        // [runq.head]
      const uint32_t t = tail_.load_relaxed();  // relaxed: only we write it
      if (t == h) {
        next_streak_ = 0;
        return next_.load_relaxed() == nullptr  // relaxed: a hint, the exchange decides
                   ? nullptr
                   : next_.exchange_acq_rel(nullptr);  // [runq.next]
      }
      G* gp = ring_[h & (kLen - 1)].load_relaxed();  // relaxed: written by us
      if (!head_.cas_acq_rel(h, h + 1)) continue;    // [runq.head]
      next_streak_ = 0;
      return gp;
    }
  }

  // Any M. Moves half of `victim`'s ring into ours (we own ours, it is empty) and returns one of them to run. With
  // `take_next`, takes the victim's hot G when its ring is empty.
  G* steal(RunQueue& victim, bool take_next) {
    const uint32_t t = tail_.load_relaxed();  // relaxed: only we write it
    for (;;) {
      uint32_t vh = victim.head_.load_acquire();        // [runq.head]
      const uint32_t vt = victim.tail_.load_acquire();  // [runq.tail]
      uint32_t n = vt - vh;
      n = n - n / 2;
      if (n == 0) {
        if (!take_next) return nullptr;
        const G* hot = victim.next_.load_relaxed();  // relaxed: a hint, the exchange decides
        if (hot == nullptr) return nullptr;
        // Mostly the victim is about to run it, with what both need still in its cache (Go's runqgrab sleeps 3 us).
        os::procyield(kHotPauses);
        return victim.next_.load_relaxed() != hot  // relaxed: as above
                   ? nullptr
                   : victim.next_.exchange_acq_rel(nullptr);  // [runq.next]
      }
      if (n > kLen / 2) continue;  // head and tail were read at different times
      for (uint32_t i = 0; i < n; i++) {
        // relaxed: the copy counts only if the CAS below succeeds
        G* gp = victim.ring_[(vh + i) & (kLen - 1)].load_relaxed();
        ring_[(t + i) & (kLen - 1)].store_relaxed(gp);
      }
      if (!victim.head_.cas_acq_rel(vh, vh + n)) continue;  // [runq.head]
      n--;
      G* gp = ring_[(t + n) & (kLen - 1)].load_relaxed();  // relaxed: written by us
      if (n > 0) tail_.store_release(t + n);               // [runq.tail]
      return gp;
    }
  }

  // Any M; a snapshot that was true at some moment.
  bool is_empty() const {
    for (;;) {
      const uint32_t h = head_.load_acquire();  // [runq.head]
      const uint32_t t = tail_.load_acquire();  // [runq.tail]
      G* n = next_.load_relaxed();  // relaxed: the re-read of tail makes it one snapshot
      if (t == tail_.load_acquire()) return h == t && n == nullptr;  // [runq.tail]
    }
  }

  // Owner only. The G that stands i-th in the ring, for a prefetch: it may be stolen at any moment. nullptr if none.
  G* peek(uint32_t i) const {
    const uint32_t h = head_.load_relaxed();  // relaxed: a hint
    const uint32_t t = tail_.load_relaxed();  // relaxed: only we write it
    return t - h > i && t - h <= kLen ? ring_[(h + i) & (kLen - 1)].load_relaxed() : nullptr;
  }

  // Any M; a hint.
  uint32_t size() const {
    const uint32_t h = head_.load_relaxed();
    const uint32_t t = tail_.load_relaxed();
    const uint32_t n = t - h;
    return (n > kLen ? kLen : n) + (next_.load_relaxed() != nullptr ? 1 : 0);
  }

  // Only in a fork child, where there is no other M.
  void reset_after_fork() {
    head_.store_relaxed(0);
    tail_.store_relaxed(0);
    next_.store_relaxed(nullptr);
  }

 private:
  friend struct LayoutOf;  // preload/layout.cc

  static constexpr uint32_t kHotPauses = 100;
  static constexpr uint32_t kMaxStreak = 64;

  bool ring_is_empty() const {
    return head_.load_relaxed() == tail_.load_relaxed();
  }  // relaxed: a hint

  GS_NOINLINE bool put_slow(G* gp, uint32_t h, uint32_t t, GList& overflow) {
    // Half of the ring, as in Go, but not more than may lie on a program's small stack.
    constexpr uint32_t kHalf = kLen / 2 < 64 ? kLen / 2 : 64;
    GS_CHECK(t - h == kLen, "runqput: queue is not full");
    G* batch[kHalf];
    for (uint32_t i = 0; i < kHalf; i++) {
      batch[i] = ring_[(h + i) & (kLen - 1)].load_relaxed();  // relaxed: written by us
    }
    if (!head_.cas_acq_rel(h, h + kHalf)) return false;  // [runq.head] a thief made room
    for (G* g : batch) overflow.push_back(g);
    overflow.push_back(gp);
    return true;
  }

  // Thieves write head, the owner writes tail: apart, so that stealing does not slow the owner down.
  alignas(64) Atomic<uint32_t> head_;
  alignas(64) Atomic<uint32_t> tail_;
  Atomic<G*> next_;
  uint32_t next_streak_ = 0;  // owner only
  Atomic<G*> ring_[kLen];
};

}  // namespace goshim
