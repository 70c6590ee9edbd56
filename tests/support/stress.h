// Seed, iterations and watchdog for stress programs (tests/stress/*.cc): plain main(), no
// framework.
//
//   int main(int argc, char** argv) {
//     goshim::test::Stress stress(argc, argv, "runq_thieves");
//     while (stress.next()) { ... stress.random() ... STRESS_CHECK(a == b); }
//   }
//
// `prog [seconds [seed]]`, or GOSHIM_STRESS_SECONDS and GOSHIM_STRESS_SEED. The seed is printed at
// start, so a failure can be run again. The watchdog is a SIGALRM handler: it says "stuck", and
// aborts (a core, or gdb, shows where).
#pragma once

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <unistd.h>
#include <csignal>
#include <ctime>

// The condition holds; else file:line on stderr and abort. On in every build.
#define STRESS_CHECK(cond)                                                                \
  do {                                                                                    \
    if (!(cond)) {                                                                        \
      std::fprintf(stderr, "%s:%d: STRESS_CHECK(%s) fails\n", __FILE__, __LINE__, #cond); \
      std::abort();                                                                       \
    }                                                                                     \
  } while (0)

namespace goshim::test {

// splitmix64: one per thread, each from its own seed.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  // In [0, bound).
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(next() % bound); }
  bool one_in(uint32_t n) { return below(n) == 0; }

 private:
  uint64_t state_;
};

class Stress {
 public:
  Stress(int argc, char** argv, const char* name) : name_(name), random_(0) {
    seconds_ = number(argc > 1 ? argv[1] : std::getenv("GOSHIM_STRESS_SECONDS"), 2);
    seed_ = number(argc > 2 ? argv[2] : std::getenv("GOSHIM_STRESS_SEED"), 1);
    random_ = Random(seed_);
    end_ms_ = now_ms() + static_cast<int64_t>(seconds_) * 1000;
    std::printf("%s: seed %" PRIu64 ", %" PRIu64 " s\n", name_, seed_, seconds_);
    std::fflush(stdout);
    std::signal(SIGALRM, stuck);
    alarm(static_cast<unsigned>(seconds_ + 60));
  }
  Stress(const Stress&) = delete;
  Stress& operator=(const Stress&) = delete;

  ~Stress() {
    alarm(0);
    std::printf("%s: %" PRIu64 " rounds\n", name_, rounds_);
  }

  // True while there is time; always true the first time. Main thread only.
  bool next() {
    if (rounds_ != 0 && now_ms() >= end_ms_) return false;
    rounds_ += 1;
    return true;
  }

  uint64_t seed() const { return seed_; }
  uint64_t rounds() const { return rounds_; }

  // The main thread's numbers; give other threads their own Random(stress.seed() + n).
  Random& random() { return random_; }

  static int64_t now_ms() {
    timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return static_cast<int64_t>(ts.tv_sec) * 1000 + ts.tv_nsec / 1000000;
  }

 private:
  static uint64_t number(const char* text, uint64_t otherwise) {
    return text != nullptr && *text != '\0' ? std::strtoull(text, nullptr, 0) : otherwise;
  }

  static void stuck(int) {
    static const char kText[] = "stress: stuck, watchdog aborts\n";
    ssize_t ignored = write(STDERR_FILENO, kText, sizeof kText - 1);
    (void)ignored;
    std::abort();
  }

  const char* name_;
  uint64_t seconds_ = 0;
  uint64_t seed_ = 0;
  uint64_t rounds_ = 0;
  int64_t end_ms_ = 0;
  Random random_;
};

}  // namespace goshim::test
