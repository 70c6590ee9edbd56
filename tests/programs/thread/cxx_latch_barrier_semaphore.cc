// covers: syscall pthread_create
// std::latch, std::barrier with its completion, std::counting_semaphore and atomic wait/notify.
#include "../help.h"

#include <atomic>
#include <barrier>
#include <latch>
#include <semaphore>
#include <thread>
#include <vector>

int main() {
  constexpr int kThreads = 16;
  std::latch start(kThreads), done(kThreads);
  std::atomic<int> phase_sum{0}, inside{0}, most{0}, flag{0};
  std::vector<int> phases;
  auto completion = [&]() noexcept { phases.push_back(phase_sum.exchange(0)); };
  std::barrier bar(kThreads, completion);
  std::counting_semaphore<10> three(3);
  std::binary_semaphore closed(0);
  std::vector<std::thread> t;
  for (int i = 0; i < kThreads; i++)
    t.emplace_back([&, i] {
      start.arrive_and_wait();
      for (int k = 0; k < 20; k++) {
        phase_sum += i;
        bar.arrive_and_wait();
      }
      three.acquire();
      int now = ++inside, seen = most.load();
      while (now > seen && !most.compare_exchange_weak(seen, now)) {
      }
      sleep_ms(1);
      --inside;
      three.release();
      flag.wait(0);
      CHECK_EQ(flag.load(), 1);
      done.count_down();
    });
  CHECK(!closed.try_acquire());
  long long from = now_ms();
  CHECK(!closed.try_acquire_for(std::chrono::milliseconds(20)));
  CHECK_ELAPSED(from, 20, 20000);
  CHECK(!done.try_wait());
  flag = 1;
  flag.notify_all();
  done.wait();
  for (auto& x : t) x.join();
  CHECK_EQ(phases.size(), 20);
  for (int p : phases) CHECK_EQ(p, kThreads * (kThreads - 1) / 2);
  CHECK(most >= 1 && most <= 3);
}
