// covers: nanosleep pthread_mutex_lock sched_yield
// An exception in flight (in catch, in a destructor during unwinding) survives blocking, in many
// threads at once.
#include "../help.h"

#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

static std::mutex m;

struct Blocks {
  explicit Blocks(int n) : n(n) {}
  ~Blocks() {
    CHECK_EQ(std::uncaught_exceptions(), 1);
    if (n % 3 == 0) sleep_ms(1);
    std::lock_guard lock(m);
    std::this_thread::yield();
    try {
      throw n;
    } catch (int inner) {
      sched_yield();
      CHECK_EQ(inner, n);
    }
    CHECK_EQ(std::uncaught_exceptions(), 1);
  }
  int n;
};

static void dive(int depth, const std::string& what) {
  Blocks here(depth);
  if (depth == 0) throw std::runtime_error(what);
  dive(depth - 1, what);
}

static void body(int i) {
  for (int k = 0; k < 5; k++) {
    std::string what = "thread " + std::to_string(i) + " round " + std::to_string(k);
    bool caught = false;
    try {
      dive(5, what);
    } catch (const std::exception& e) {
      sleep_ms(1);
      CHECK_STR(e.what(), what.c_str());
      try {
        throw;
      } catch (const std::runtime_error& again) {
        sched_yield();
        CHECK_STR(again.what(), what.c_str());
        caught = true;
      }
    }
    CHECK(caught);
    CHECK(!std::current_exception());
    CHECK_EQ(std::uncaught_exceptions(), 0);
  }
}

int main() {
  std::vector<std::thread> t;
  for (int i = 0; i < 20; i++) t.emplace_back(body, i);
  for (auto& x : t) x.join();
}
