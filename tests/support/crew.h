// A crew: workers that run one body, most of them Gs, some kernel threads, and each with random
// numbers of its own.
#pragma once

#include "os/cpu.h"
#include "runtime.h"
#include "stress.h"

namespace goshim::test {

inline void start_crew() { start_runtime(); }

// Body: void(int index, Random& random), called once by each of `n` workers; `kernel` of them are
// kernel threads (which leave a G behind each, for good: do not use them in every round).
template <typename Body>
void run_crew(int n, int kernel, uint64_t seed, Body body) {
  struct Worker {
    Body* body;
    int index;
    uint64_t seed;
    G* gp = nullptr;
    pthread_t thread = {};

    static void* run(void* arg) {
      auto* w = static_cast<Worker*>(arg);
      Random random(w->seed + static_cast<uint64_t>(w->index) * 7919);
      (*w->body)(w->index, random);
      return nullptr;
    }
  };
  constexpr int kMax = 64;
  Worker workers[kMax];
  STRESS_CHECK(n <= kMax);
  for (int i = 0; i < n; i++) {
    workers[i].body = &body;
    workers[i].index = i;
    workers[i].seed = seed;
    if (i < kernel) {
      workers[i].thread = kernel_thread(&Worker::run, &workers[i]);
    } else {
      workers[i].gp = go(&Worker::run, &workers[i]);
    }
  }
  for (int i = 0; i < n; i++) {
    if (i < kernel) {
      pthread_join(workers[i].thread, nullptr);
    } else {
      join(workers[i].gp);
    }
  }
}

// Kernel threads for every fourth round.
inline int some_kernel_threads(const Stress& stress, int n) {
  return stress.rounds() % 4 == 1 ? n : 0;
}

// A moment, mostly none at all.
inline void dawdle(Random& random) {
  switch (random.below(8)) {
    case 0:
      goyield();
      break;
    case 1:
      os::procyield(random.below(600));
      break;
    default:
      break;
  }
}

inline timespec in_us(clockid_t clock, uint32_t us) {
  const int64_t at = os::clock_ns(clock) + int64_t{us} * 1000;
  return {at / os::kSecond, at % os::kSecond};
}

}  // namespace goshim::test
