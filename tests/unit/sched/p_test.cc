// The word of a P: who may take it from whom.
#include "sched/p.h"

#include <criterion/criterion.h>

#include "sched/sched.h"

using namespace goshim;

namespace {

struct Held {
  M m;
  P* pp;

  explicit Held(int32_t id) {
    cr_assert(schedinit(1, false) == nullptr);
    m.id = id;
    MLockGuard g(sched.lock);
    pp = pidleget();
    acquirep(&m, pp);
  }
};

}  // namespace

Test(p_word, packs_and_unpacks) {
  const uint64_t w = p_word(0x7fffffff, PStatus::kSyscall);
  cr_assert(p_mid(w) == 0x7fffffff && p_status(w) == PStatus::kSyscall);
}

Test(p_word, the_m_takes_back_what_it_left) {
  Held h(3);
  entersyscall(&h.m);
  cr_assert(h.pp->word.load_relaxed() == p_word(3, PStatus::kSyscall));
  cr_assert(exitsyscall_fast(&h.m) && h.m.p == h.pp);
  cr_assert(h.pp->word.load_relaxed() == p_word(3, PStatus::kRunning));
  cr_assert(releasep(&h.m) == h.pp && h.m.p == nullptr);
  cr_assert(h.pp->word.load_relaxed() == p_word(0, PStatus::kIdle));
}

Test(p_word, retaken_while_away) {
  Held h(3);
  entersyscall(&h.m);
  cr_assert(retake(h.pp, p_word(3, PStatus::kSyscall)));
  cr_assert(!retake(h.pp, p_word(3, PStatus::kSyscall)));
  cr_assert(!exitsyscall_fast(&h.m) && h.m.p == nullptr);
  cr_assert(!exitsyscall_fast(&h.m));  // and again, without a P
  cr_assert(h.pp->word.load_relaxed() == p_word(0, PStatus::kIdle));
}

Test(p_word, not_from_a_running_m) {
  Held h(3);
  cr_assert(!retake(h.pp, p_word(3, PStatus::kSyscall)));
  entersyscall(&h.m);
  const uint64_t seen = h.pp->word.load_relaxed();
  cr_assert(exitsyscall_fast(&h.m));
  cr_assert(!retake(h.pp, seen));  // it came back in between
}

Test(p_word, another_m_has_left_it_meanwhile) {
  Held h(3);
  entersyscall(&h.m);
  cr_assert(retake(h.pp, p_word(3, PStatus::kSyscall)));
  M other;
  other.id = 4;
  acquirep(&other, h.pp);
  entersyscall(&other);
  // The P is in syscall state again, but not the first M's.
  cr_assert(!exitsyscall_fast(&h.m) && h.m.p == nullptr);
  cr_assert(h.pp->word.load_relaxed() == p_word(4, PStatus::kSyscall));
  cr_assert(exitsyscall_fast(&other));
}

Test(p_word, idle_list_counts) {
  cr_assert(schedinit(3, false) == nullptr);
  cr_assert(sched.npidle.load_relaxed() == 3);
  MLockGuard g(sched.lock);
  P* a = pidleget();
  P* b = pidleget();
  P* c = pidleget();
  cr_assert(a != b && b != c && a != c && pidleget() == nullptr);
  cr_assert(sched.npidle.load_relaxed() == 0);
  pidleput(b);
  cr_assert(sched.npidle.load_relaxed() == 1 && pidleget() == b);
}
