// Ps change hands all the time: threads that compute for milliseconds, or sleep in the kernel with
// or without saying so, beside threads that hand tokens on and sleep for microseconds. All get on.
#include "base/mlock.h"
#include "os/clock.h"
#include "os/cpu.h"
#include "os/syscall.h"
#include "runtime.h"
#include "sched/park.h"
#include "sched/sleep.h"
#include "sched/syscall.h"
#include "stress.h"

namespace {

using namespace goshim;

constexpr int kHogs = 5;
constexpr int kSleepers = 20;

Atomic<uint32_t> stop;
struct alignas(64) Progress {
  Atomic<uint64_t> steps;
  uint64_t seed;
};
Progress hogs[kHogs], sleepers[kSleepers];

void kernel_sleep(long us) {
  timespec ts = {0, us * 1000};
  os::sys(SYS_nanosleep, &ts, nullptr);
}

void* hog(void* arg) {
  auto* p = static_cast<Progress*>(arg);
  test::Random random(p->seed);
  while (stop.load_relaxed() == 0) {
    switch (random.below(5)) {
      case 0:
        blocking(
            [&] {
              kernel_sleep(random.below(3000));
              return 0;
            },
            true);
        break;
      case 1:
        blocking([&] {
          kernel_sleep(random.below(3000));
          return 0;
        });
        break;
      case 2:
        kernel_sleep(random.below(20000));
        break;
      default: {
        const int64_t end = os::nanotime() + 1000000 + random.below(29000000);
        while (os::nanotime() < end) os::procyield(1);
      }
    }
    p->steps.fetch_add_relaxed(1);
    switch (random.below(4)) {
      case 0:
        goyield();
        break;
      case 1:
        sleep_for(random.below(200000), nullptr);
        break;
      case 2:
        blocking([] { return 0; });
        break;
      default:
        break;
    }
  }
  return nullptr;
}

void* sleeper(void* arg) {
  auto* p = static_cast<Progress*>(arg);
  test::Random random(p->seed);
  while (stop.load_relaxed() == 0) {
    if (random.one_in(3)) {
      goyield();
    } else {
      sleep_for(random.below(300000), nullptr);
    }
    p->steps.fetch_add_relaxed(1);
  }
  return nullptr;
}

template <size_t kN>
uint64_t slowest(Progress (&all)[kN]) {
  uint64_t least = UINT64_MAX;
  for (Progress& p : all) {
    const uint64_t n = p.steps.load_relaxed();
    if (n < least) least = n;
  }
  return least;
}

}  // namespace

int main(int argc, char** argv) {
  test::Stress stress(argc, argv, "sched_retake");
  test::start_runtime();
  G* gs[kHogs + kSleepers];
  int n = 0;
  for (Progress& p : hogs) {
    p.seed = stress.random().next();
    gs[n++] = test::go(&hog, &p);
  }
  for (Progress& p : sleepers) {
    p.seed = stress.random().next();
    gs[n++] = test::go(&sleeper, &p);
  }
  uint64_t least_hog = 0, least_sleeper = 0;
  while (stress.next()) {
    sleep_for(100000000, nullptr);
    least_hog = slowest(hogs);
    least_sleeper = slowest(sleepers);
  }
  // Everybody gets on, however slow the machine: wait for it, under the watchdog.
  while (slowest(hogs) < 3 || slowest(sleepers) < 10) sleep_for(10000000, nullptr);
  stop.store_relaxed(1);
  for (G* gp : gs) test::join(gp);
  std::printf("slowest hog %lu steps, slowest sleeper %lu\n", static_cast<unsigned long>(least_hog),
              static_cast<unsigned long>(least_sleeper));
  return 0;
}
