#include "base/lock_rank.h"

#include "base/check.h"

namespace goshim {

#ifdef GOSHIM_INVARIANTS

namespace {
// Per kernel context. An MLock is never held across a switch of stacks, so the G's or g0's own copy is right.
constexpr int kRanks = static_cast<int>(LockRank::kCount);
thread_local uint8_t held[kRanks];  // lint: allow, because release builds do not have it
}  // namespace

void lock_rank_acquire(LockRank rank) {
  const int r = static_cast<int>(rank);
  for (int i = r + 1; i < kRanks; i++) {
    GS_CHECK(held[i] == 0, "lock_rank: acquired out of order");
  }
  // Two of one rank only where lock_rank.h says so (by address, or by somebody who is alone with that).
  GS_CHECK(held[r] == 0 || rank == LockRank::kBucket || rank == LockRank::kChan ||
               rank == LockRank::kTimers,
           "lock_rank: two locks of one rank");
  held[r]++;
}

void lock_rank_release(LockRank rank) { held[static_cast<int>(rank)]--; }

#endif

}  // namespace goshim
