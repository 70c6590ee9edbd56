// Tokens go round rings of Gs and foreign kernel threads, each handing its token on by waking the
// next: both directions of wake-up, thousands of episodes, and no token is lost.
#include "sched/park.h"

#include "base/mlock.h"
#include "os/clock.h"
#include "runtime.h"
#include "stress.h"

namespace {

using namespace goshim;

constexpr int kMembers = 24;
constexpr int kLaps = 60;

// One place in the ring, with the tokens that wait here and the ticket of who waits for one.
struct Place {
  MLock lock{LockRank::kBucket};
  int tokens = 0;
  bool waiting = false;
  Ticket ticket = {};
  long passed = 0;
  Place* next = nullptr;
  uint64_t seed = 0;
};

void give(Place* to, bool next) {
  Claim c = Claim::kLost;
  Ticket t = {};
  {
    MLockGuard g(to->lock);
    to->tokens++;
    if (to->waiting) {
      t = to->ticket;
      to->waiting = false;
      c = claim(t, Wake::kUnparked);
    }
  }
  if (c == Claim::kParked) goready(t.gp, next);
}

// False: it must wait with this ticket.
bool try_take(Place* p, Ticket me) {
  MLockGuard g(p->lock);
  STRESS_CHECK(!p->waiting);
  if (p->tokens > 0) {
    p->tokens--;
    return true;
  }
  p->waiting = true;
  p->ticket = me;
  return false;
}

void take(Place* p, int64_t timeout) {
  for (;;) {
    const Ticket me = park_prepare();
    if (try_take(p, me)) {
      STRESS_CHECK(park_cancel(me) == Wake::kNone);
      return;
    }
    const Wake why = gopark(me, WaitReason::kTest, timeout < 0 ? kNever : os::nanotime() + timeout);
    MLockGuard g(p->lock);
    if (why == Wake::kUnparked) {
      STRESS_CHECK(!p->waiting && p->tokens > 0);
      p->tokens--;
      return;
    }
    STRESS_CHECK(why == Wake::kTimeout && timeout >= 0);
    // A giver between our timeout and this lock found `waiting`, lost the claim and left a token.
    p->waiting = false;
  }
}

void* member(void* arg) {
  auto* p = static_cast<Place*>(arg);
  test::Random random(p->seed);
  for (int i = 0; i < kLaps; i++) {
    // Some waits time out and are made again.
    take(p, random.one_in(4) ? random.below(300000) : -1);
    p->passed++;
    if (random.one_in(16)) goyield();
    give(p->next, random.one_in(2));
  }
  return nullptr;
}

void ring(test::Stress& stress, int foreign) {
  static Place places[kMembers];
  G* gs[kMembers] = {};
  pthread_t threads[kMembers] = {};
  bool is_g[kMembers];
  for (int i = 0; i < kMembers; i++) {
    places[i].next = &places[(i + 1) % kMembers];
    places[i].seed = stress.random().next();
    places[i].passed = 0;
    is_g[i] = static_cast<int>(stress.random().below(kMembers)) >= foreign;
  }
  for (int i = 0; i < kMembers; i++) {
    if (is_g[i]) {
      gs[i] = test::go(&member, &places[i]);
    } else {
      threads[i] = test::kernel_thread(&member, &places[i]);
    }
  }
  const int tokens = 1 + static_cast<int>(stress.random().below(4));
  for (int i = 0; i < tokens; i++) give(&places[i * 5], true);
  for (int i = 0; i < kMembers; i++) {
    if (is_g[i]) {
      test::join(gs[i]);
    } else {
      pthread_join(threads[i], nullptr);
    }
  }
  // Each member passes on as many as it takes, so all tokens are where they started.
  int left = 0;
  for (Place& p : places) {
    STRESS_CHECK(p.passed == kLaps && !p.waiting);
    left += p.tokens;
    p.tokens = 0;
  }
  STRESS_CHECK(left == tokens);
}

}  // namespace

int main(int argc, char** argv) {
  test::Stress stress(argc, argv, "park_pingpong");
  test::start_runtime();
  while (stress.next()) {
    ring(stress, 0);
    ring(stress, stress.rounds() % 4 == 0 ? 6 : 0);
    if (stress.rounds() % 8 == 0) ring(stress, kMembers);
  }
  return 0;
}
