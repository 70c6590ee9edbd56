// MLock excludes and publishes; Note wakes exactly the one that sleeps, without losing what was
// written before. Plain kernel threads; no runtime.
#include "base/mlock.h"
#include "base/note.h"

#include <pthread.h>
#include <sched.h>

#include "stress.h"

namespace {

using goshim::MLock;
using goshim::MLockGuard;
using goshim::Note;

constexpr int kThreads = 4;

MLock lock{goshim::LockRank::kSched};
long counter;
long mirror;

void* count(void* p) {
  goshim::test::Random random(reinterpret_cast<uintptr_t>(p));
  for (int i = 0; i < 2000; i++) {
    if (random.one_in(8)) {
      if (!lock.try_lock()) continue;
    } else {
      lock.lock();
    }
    STRESS_CHECK(counter == mirror);
    counter++;
    // Long enough now and then for the others to go to sleep.
    if (random.one_in(200)) sched_yield();
    mirror++;
    lock.unlock();
  }
  return nullptr;
}

struct Pair {
  Note ping, pong;
  long value = 0;
};

void* answer(void* p) {
  auto* pair = static_cast<Pair*>(p);
  for (int i = 0; i < 2000; i++) {
    if (i % 3 == 0) {
      while (!pair->ping.sleep_for(50000)) {
      }
    } else {
      pair->ping.sleep();
    }
    STRESS_CHECK(pair->value == 2 * i + 1);
    pair->value++;
    pair->ping.clear();
    pair->pong.wake();
  }
  return nullptr;
}

void ping_pong() {
  Pair pair;
  pair.ping.clear();
  pair.pong.clear();
  pthread_t t;
  STRESS_CHECK(pthread_create(&t, nullptr, &answer, &pair) == 0);
  for (int i = 0; i < 2000; i++) {
    pair.value++;
    pair.ping.wake();
    pair.pong.sleep();
    STRESS_CHECK(pair.value == 2 * i + 2);
    pair.pong.clear();
  }
  pthread_join(t, nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  goshim::test::Stress stress(argc, argv, "mlock_note");
  while (stress.next()) {
    pthread_t threads[kThreads];
    for (auto& t : threads) {
      void* seed = reinterpret_cast<void*>(stress.random().next());
      STRESS_CHECK(pthread_create(&t, nullptr, &count, seed) == 0);
    }
    for (auto& t : threads) pthread_join(t, nullptr);
    STRESS_CHECK(!lock.is_locked() && counter == mirror);
    ping_pong();
  }
  return 0;
}
