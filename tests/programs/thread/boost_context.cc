// link: -l:libboost_context.a
// Coroutines by Boost.Context in each of several threads: they block, throw, and are resumed by another thread than the one
// that began them.
#include <boost/context/fiber.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "../help.h"

namespace {

namespace ctx = boost::context;

std::mutex lock;
std::condition_variable changed;
std::deque<ctx::fiber> ready;
int left;
thread_local int here = 0;

// Locks and waits inside; gives way ten times.
ctx::fiber coroutine(int n) {
  return ctx::fiber([n](ctx::fiber&& back) {
    for (int i = 0; i < 10; i++) {
      try {
        if (i % 3 == n % 3) throw std::runtime_error(std::to_string(i));
        sleep_ms(1);
      } catch (const std::runtime_error& e) {
        CHECK_EQ(std::stoi(e.what()), i);
      }
      back = std::move(back).resume();
    }
    return std::move(back);
  });
}

void works() {
  for (;;) {
    ctx::fiber f;
    {
      std::unique_lock<std::mutex> hold(lock);
      changed.wait(hold, [] { return !ready.empty() || left == 0; });
      if (left == 0) return;
      f = std::move(ready.front());
      ready.pop_front();
    }
    here++;
    f = std::move(f).resume();
    CHECK(here > 0);
    std::lock_guard<std::mutex> hold(lock);
    if (f) {
      ready.push_back(std::move(f));
    } else {
      left--;
    }
    changed.notify_all();
  }
}

}  // namespace

int main() {
  left = 12;
  for (int i = 0; i < left; i++) ready.push_back(coroutine(i));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++) threads.emplace_back(works);
  for (auto& t : threads) t.join();
  return 0;
}
