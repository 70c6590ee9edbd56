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

namespace {

int dead() {
  int n = 0;
  for (int i = 0; i < sched.nallp.load_relaxed(); i++)
    n += p_status(sched.allp[i]->word.load_relaxed()) == PStatus::kDead;
  return n;
}

void expect(int gomaxprocs, int nprocs, int npidle, int n_dead) {
  cr_assert_eq(sched.gomaxprocs.load_relaxed(), gomaxprocs);
  cr_assert_eq(sched.nprocs.load_relaxed(), nprocs);
  cr_assert_eq(sched.npidle.load_relaxed(), npidle);
  cr_assert_eq(dead(), n_dead);
  check_invariants();
}

// An M that spins: procresize sends nobody.
struct Procs {
  explicit Procs(int n) {
    cr_assert(schedinit(n, false) == nullptr);
    sched.nmspinning.store_relaxed(1);
  }
};

}  // namespace

Test(procresize, fewer_and_more_while_all_are_idle) {
  Procs p(3);
  cr_assert_eq(procresize(1), 3);
  expect(1, 1, 1, 2);
  cr_assert_eq(procresize(5), 1);
  expect(5, 5, 5, 0);
  cr_assert_eq(sched.nallp.load_relaxed(), 5);
  cr_assert_eq(procresize(2), 5);
  expect(2, 2, 2, 3);
  cr_assert_eq(procresize(5), 2);
  cr_assert_eq(sched.nallp.load_relaxed(), 5);  // the dead come back
  expect(5, 5, 5, 0);
}

Test(procresize, more_than_there_can_be) {
  Procs p(1);
  cr_assert_eq(procresize(1 << 20), 1);
  expect(kMaxProcs, kMaxProcs, kMaxProcs, 0);
}

Test(procresize, left_behind_by_program_code) {
  Procs p(2);
  M m, other;
  m.id = 7;
  other.id = 8;
  {
    MLockGuard g(sched.lock);
    P* first = pidleget();
    cr_assert_eq(first->id, 0);
    acquirep(&other, first);
    acquirep(&m, pidleget());
  }
  P* pp = m.p;
  entersyscall(&m);
  cr_assert_eq(procresize(1), 2);
  expect(1, 1, 0, 1);
  cr_assert(!exitsyscall_fast(&m) && m.p == nullptr);
  cr_assert(p_status(pp->word.load_relaxed()) == PStatus::kDead);
}

Test(procresize, held_by_an_m_with_work_in_the_queue) {
  Procs p(2);
  M m;
  m.id = 7;
  static G gs[3];
  {
    MLockGuard g(sched.lock);
    P* first = pidleget();
    acquirep(&m, pidleget());
    pidleput(first);
  }
  GList overflow;
  for (G& g : gs) {
    g.set_status(GStatus::kRunnable);
    m.p->runq.put(&g, &g == &gs[2], overflow);
  }
  cr_assert_eq(procresize(1), 2);
  expect(1, 2, 1, 0);  // still held
  cr_assert(is_surplus(m.p));
  retirep(releasep(&m));
  expect(1, 1, 1, 1);
  cr_assert_eq(sched.globrunq_size.load_relaxed(), 3);
}

Test(procresize, more_again_before_it_was_given_up) {
  Procs p(2);
  M m;
  m.id = 7;
  {
    MLockGuard g(sched.lock);
    P* first = pidleget();
    acquirep(&m, pidleget());
    pidleput(first);
  }
  cr_assert_eq(procresize(1), 2);
  cr_assert_eq(procresize(2), 1);
  cr_assert(!is_surplus(m.p));
  expect(2, 2, 1, 0);
  retirep(releasep(&m));  // who has decided to and comes late
  expect(2, 2, 2, 0);
}
