// Join and detach: every state, every caller.
#include <cerrno>
#include <cstdlib>

#include <criterion/criterion.h>

#include "os/clock.h"
#include "runtime.h"
#include "sched/park.h"

using namespace goshim;

namespace {

Atomic<bool> go_on;

void* wait_for_word(void* p) {
  while (!go_on.load_acquire()) gosleep(os::nanotime() + 100000);
  return p;
}

void* at_once(void* p) { return p; }

void let_it_end(G* gp) {
  while (join_state(gp->thread->join_word.load_acquire()) != JoinState::kExited)
    gosleep(os::nanotime() + 100000);
}

void* const kTag = &go_on;

}  // namespace

Test(join, waits_and_brings_the_result) {
  test::start_runtime();
  G* gp = test::go(
      [](void* p) -> void* {
        gosleep(os::nanotime() + 1000000);
        return p;
      },
      kTag);
  void* r = nullptr;
  cr_assert(thread_join(gp, &r, kNever) == 0 && r == kTag);
  cr_assert(thread_join(gp, &r, kNever) == ESRCH);
  cr_assert(thread_detach(gp) == ESRCH);
  cr_assert(thread_tryjoin(gp, &r) == ESRCH);
}

Test(join, of_one_that_has_ended) {
  test::start_runtime();
  G* gp = test::go(at_once, kTag);
  let_it_end(gp);
  void* r = nullptr;
  cr_assert(thread_join(gp, &r, kNever) == 0 && r == kTag);
}

Test(join, the_result_may_be_dropped) {
  test::start_runtime();
  cr_assert(thread_join(test::go(at_once, kTag), nullptr, kNever) == 0);
}

Test(join, tryjoin_is_busy_until_the_end) {
  test::start_runtime();
  G* gp = test::go(wait_for_word, kTag);
  void* r = nullptr;
  cr_assert(thread_tryjoin(gp, &r) == EBUSY);
  go_on.store_release(true);
  let_it_end(gp);
  cr_assert(thread_tryjoin(gp, &r) == 0 && r == kTag);
}

Test(join, times_out_not_early_and_can_be_done_again) {
  test::start_runtime();
  G* gp = test::go(wait_for_word, kTag);
  const int64_t deadline = os::nanotime() + 2000000;
  cr_assert(thread_join(gp, nullptr, deadline) == ETIMEDOUT);
  cr_assert(os::nanotime() >= deadline);
  cr_assert(thread_join(gp, nullptr, 1) == ETIMEDOUT);
  go_on.store_release(true);
  void* r = nullptr;
  cr_assert(thread_join(gp, &r, kNever) == 0 && r == kTag);
}

Test(join, of_itself_is_a_deadlock) {
  test::start_runtime();
  G* gp = test::go(
      [](void*) -> void* {
        return reinterpret_cast<void*>(static_cast<intptr_t>(thread_join(getg(), nullptr, kNever)));
      },
      nullptr);
  cr_assert(test::join(gp) == reinterpret_cast<void*>(EDEADLK));
  cr_assert(thread_join(getg(), nullptr, kNever) == EDEADLK);
}

Test(join, of_each_other_is_a_deadlock) {
  test::start_runtime();
  static G* main_g;
  main_g = getg();
  G* gp = test::go(
      [](void*) -> void* {
        gosleep(os::nanotime() + 5000000);  // main waits for us by then
        return reinterpret_cast<void*>(static_cast<intptr_t>(thread_join(main_g, nullptr, kNever)));
      },
      nullptr);
  cr_assert(test::join(gp) == reinterpret_cast<void*>(EDEADLK));
}

Test(join, a_second_joiner_is_refused) {
  test::start_runtime();
  static G* target;
  target = test::go(wait_for_word, kTag);
  G* first = test::go([](void*) -> void* { return test::join(target); }, nullptr);
  while (join_state(target->thread->join_word.load_acquire()) != JoinState::kJoining) goyield();
  cr_assert(thread_join(target, nullptr, kNever) == EINVAL);
  cr_assert(thread_tryjoin(target, nullptr) == EBUSY);
  cr_assert(thread_detach(target) == 0);  // as glibc: it is the joiner's
  go_on.store_release(true);
  cr_assert(test::join(first) == kTag);
}

Test(join, by_a_kernel_thread_that_is_no_g) {
  test::start_runtime();
  static G* target;
  target = test::go(wait_for_word, kTag);
  pthread_t t = test::kernel_thread([](void*) -> void* { return test::join(target); }, nullptr);
  go_on.store_release(true);
  void* r = nullptr;
  pthread_join(t, &r);
  cr_assert(r == kTag);
}

Test(detach, frees_at_the_end_and_the_g_comes_back) {
  setenv("GOSHIM_MAXPROCS", "1", 1);  // it waits at the P where it ended
  test::start_runtime();
  G* gp = test::go(wait_for_word, kTag);
  cr_assert(thread_detach(gp) == 0);
  cr_assert(thread_detach(gp) == EINVAL);
  cr_assert(thread_join(gp, nullptr, kNever) == EINVAL);
  cr_assert(thread_tryjoin(gp, nullptr) == EBUSY);
  go_on.store_release(true);
  while (gp->get_status() != GStatus::kIdle) gosleep(os::nanotime() + 100000);
  cr_assert(test::go(at_once, nullptr) == gp);
}

Test(detach, after_the_end_frees_at_once) {
  test::start_runtime();
  G* gp = test::go(at_once, kTag);
  let_it_end(gp);
  cr_assert(thread_detach(gp) == 0);
  cr_assert(gp->get_status() == GStatus::kIdle);
  cr_assert(thread_detach(gp) == ESRCH);
}

Test(detach, created_detached) {
  test::start_runtime();
  G* gp = test::go(wait_for_word, nullptr, true);
  cr_assert(thread_join(gp, nullptr, kNever) == EINVAL);
  go_on.store_release(true);
  while (gp->get_status() != GStatus::kIdle) gosleep(os::nanotime() + 100000);
}

Test(create, an_impossible_stack_is_eagain) {
  test::start_runtime();
  ThreadAttr attr = test::default_attr();
  attr.stack_size = SIZE_MAX / 2;
  void* id = nullptr;
  cr_assert_eq(thread_create(&id, attr, at_once, nullptr), EAGAIN);
}
