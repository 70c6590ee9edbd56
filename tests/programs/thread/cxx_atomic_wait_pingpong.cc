// covers: syscall sched_yield
// Pairs of threads hand a number to and fro with std::atomic wait/notify_one.
#include "../help.h"

#include <atomic>
#include <thread>
#include <vector>

int main() {
  constexpr int kPairs = 8, kRounds = 200;
  std::vector<std::atomic<int>> turn(kPairs);
  std::vector<std::thread> t;
  for (int p = 0; p < kPairs; p++)
    for (int side = 0; side < 2; side++)
      t.emplace_back([&turn, p, side] {
        auto& a = turn[p];
        for (int r = 0; r < kRounds; r++) {
          int want = 2 * r + side;
          for (int v; (v = a.load()) != want;) a.wait(v);
          a.store(want + 1);
          a.notify_one();
        }
      });
  for (auto& x : t) x.join();
  for (auto& a : turn) CHECK_EQ(a.load(), 2 * kRounds);
}
