// covers: pthread_cond_wait pthread_cond_clockwait pthread_cond_broadcast pthread_mutex_clocklock
// std::condition_variable with wait, wait_for (never early) and wait_until on both clocks.
#include "../help.h"

#include <condition_variable>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

int main() {
  std::mutex m;
  std::condition_variable cv;
  std::queue<int> q;
  long sum = 0;
  bool closed = false;
  std::vector<std::thread> consumers;
  for (int i = 0; i < 8; i++)
    consumers.emplace_back([&] {
      std::unique_lock lock(m);
      for (;;) {
        cv.wait(lock, [&] { return closed || !q.empty(); });
        if (q.empty()) return;
        sum += q.front();
        q.pop();
      }
    });
  for (int i = 1; i <= 2000; i++) {
    std::lock_guard lock(m);
    q.push(i);
    cv.notify_one();
  }
  {
    std::lock_guard lock(m);
    closed = true;
  }
  cv.notify_all();
  for (auto& t : consumers) t.join();
  CHECK_EQ(sum, 2000L * 2001 / 2);

  std::unique_lock lock(m);
  auto start = std::chrono::steady_clock::now();
  CHECK(!cv.wait_for(lock, 20ms, [] { return false; }));
  CHECK(std::chrono::steady_clock::now() - start >= 20ms);
  auto until = std::chrono::system_clock::now() + 20ms;
  while (cv.wait_until(lock, until) != std::cv_status::timeout) {
  }
  CHECK(std::chrono::system_clock::now() >= until);
  std::condition_variable_any any;
  std::thread waker([&] {
    sleep_ms(5);
    std::lock_guard g(m);
    closed = false;
    any.notify_all();
  });
  any.wait(lock, [&] { return !closed; });
  lock.unlock();
  waker.join();
}
