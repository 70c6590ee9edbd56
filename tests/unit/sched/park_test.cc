// The park word: every transition, on the calling thread alone.
#include "sched/park.h"

#include <pthread.h>

#include <criterion/criterion.h>

#include "os/clock.h"
#include "runtime.h"

using namespace goshim;

namespace {

ParkState state(G* gp) { return park_state(gp->park_word.load_relaxed()); }

// As if the G had gone to sleep, as its g0 or, for a kernel thread, it itself would do.
void commit(Ticket t, ParkState how) {
  uint64_t w = park_pack(t.seq, ParkState::kArmed);
  cr_assert(t.gp->park_word.cas_release(w, park_pack(t.seq, how)));
}

}  // namespace

Test(park_word, packs_and_unpacks) {
  const uint64_t w = park_pack(0x00ffeeddccbbaa, ParkState::kWoken, Wake::kSignal);
  cr_assert(park_seq(w) == 0x00ffeeddccbbaa);
  cr_assert(park_state(w) == ParkState::kWoken);
  cr_assert(park_why(w) == Wake::kSignal);
}

Test(park_word, prepare_opens_an_episode_with_the_next_seq) {
  const Ticket a = park_prepare();
  cr_assert(state(a.gp) == ParkState::kArmed);
  cr_assert(park_cancel(a) == Wake::kNone);
  cr_assert(state(a.gp) == ParkState::kRunning);
  const Ticket b = park_prepare();
  cr_assert(b.gp == a.gp && b.seq == a.seq + 1);
  park_cancel(b);
}

Test(park_word, claim_of_an_armed_one_is_done_with) {
  const Ticket t = park_prepare();
  cr_assert(claim(t, Wake::kUnparked) == Claim::kArmed);
  cr_assert(state(t.gp) == ParkState::kWoken);
  cr_assert(claim(t, Wake::kTimeout) == Claim::kLost);
  cr_assert(gopark(t, WaitReason::kTest) == Wake::kUnparked);
  cr_assert(state(t.gp) == ParkState::kRunning);
}

Test(park_word, claim_of_a_parked_one_owns_it) {
  const Ticket t = park_prepare();
  commit(t, ParkState::kParked);
  cr_assert(claim(t, Wake::kClosed) == Claim::kParked);
  cr_assert(claim(t, Wake::kUnparked) == Claim::kLost);
  cr_assert(park_why(t.gp->park_word.load_relaxed()) == Wake::kClosed);
}

Test(park_word, claim_of_a_sleeping_kernel_thread_is_done_with) {
  const Ticket t = park_prepare();
  commit(t, ParkState::kSleeping);
  cr_assert(claim(t, Wake::kUnparked) == Claim::kArmed);
  cr_assert(claim(t, Wake::kUnparked) == Claim::kLost);
  cr_assert(park_why(t.gp->park_word.load_relaxed()) == Wake::kUnparked);
}

Test(park_word, cancel_tells_who_was_faster) {
  const Ticket t = park_prepare();
  cr_assert(claim(t, Wake::kUnparked) == Claim::kArmed);
  cr_assert(park_cancel(t) == Wake::kUnparked);
  cr_assert(park_cancel(park_prepare()) == Wake::kNone);
}

Test(park_word, stale_tickets_lose_in_every_state) {
  const Ticket old = park_prepare();
  park_cancel(old);
  cr_assert(claim(old, Wake::kUnparked) == Claim::kLost);  // running
  const Ticket t = park_prepare();
  cr_assert(claim(old, Wake::kUnparked) == Claim::kLost);  // armed
  commit(t, ParkState::kParked);
  cr_assert(claim(old, Wake::kUnparked) == Claim::kLost);  // parked
  cr_assert(claim(t, Wake::kUnparked) == Claim::kParked);
  cr_assert(claim(old, Wake::kUnparked) == Claim::kLost);  // woken
  // A ticket of an episode that has not begun.
  cr_assert(claim({t.gp, t.seq + 1}, Wake::kUnparked) == Claim::kLost);
}

Test(park_word, a_kernel_thread_times_out_not_early) {
  os::clock_init();
  const int64_t deadline = os::nanotime() + 3000000;
  cr_assert(gopark(park_prepare(), WaitReason::kTest, deadline) == Wake::kTimeout);
  cr_assert(os::nanotime() >= deadline);
  // A deadline in the past is a timeout, too.
  cr_assert(gopark(park_prepare(), WaitReason::kTest, 1) == Wake::kTimeout);
}

Test(park_word, a_kernel_thread_is_woken_by_another) {
  static Ticket t;
  t = park_prepare();
  pthread_t waker;
  pthread_create(
      &waker, nullptr,
      [](void*) -> void* {
        os::clock_init();
        gosleep(os::nanotime() + 2000000);
        return reinterpret_cast<void*>(static_cast<uintptr_t>(wake(t, Wake::kUnparked)));
      },
      nullptr);
  cr_assert(gopark(t, WaitReason::kTest) == Wake::kUnparked);
  void* won = nullptr;
  pthread_join(waker, &won);
  cr_assert(won != nullptr);
}

Test(park, on_goroutine_is_true_of_gs_only) {
  cr_assert(!on_goroutine());
  test::start_runtime();
  cr_assert(on_goroutine());
  cr_assert(test::join(test::go([](void*) -> void* { return on_goroutine() ? &tls_g : nullptr; },
                                nullptr)) != nullptr);
  void* foreign = &tls_g;
  pthread_join(test::kernel_thread([](void*) -> void* { return on_goroutine() ? &tls_g : nullptr; },
                                   nullptr),
               &foreign);
  cr_assert(foreign == nullptr);
}

Test(park, goready_all_wakes_a_mixed_list) {
  test::start_runtime();
  constexpr int kN = 6;
  static Ticket tickets[kN];
  static Atomic<int> ready;
  auto wait = [](void* p) -> void* {
    auto* slot = static_cast<Ticket*>(p);
    const Ticket t = park_prepare();
    *slot = t;
    ready.fetch_add_release(1);
    return reinterpret_cast<void*>(static_cast<uintptr_t>(gopark(t, WaitReason::kTest)));
  };
  G* gs[kN] = {};
  pthread_t threads[kN] = {};
  for (int i = 0; i < kN; i++) {
    if (i % 3 == 0) {
      threads[i] = test::kernel_thread(wait, &tickets[i]);
    } else {
      gs[i] = test::go(wait, &tickets[i]);
    }
  }
  while (ready.load_acquire() < kN) goyield();
  gosleep(os::nanotime() + 2000000);
  GList list;
  for (Ticket& t : tickets) {
    if (claim(t, Wake::kUnparked) == Claim::kParked) list.push_back(t.gp);
  }
  goready_all(list);
  cr_assert(list.is_empty());
  for (int i = 0; i < kN; i++) {
    void* why = nullptr;
    if (i % 3 == 0) {
      pthread_join(threads[i], &why);
    } else {
      why = test::join(gs[i]);
    }
    cr_assert(why == reinterpret_cast<void*>(static_cast<uintptr_t>(Wake::kUnparked)));
  }
}
