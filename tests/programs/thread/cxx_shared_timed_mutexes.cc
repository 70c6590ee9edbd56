// covers: pthread_rwlock_rdlock pthread_rwlock_wrlock pthread_mutex_clocklock
// covers: pthread_rwlock_clockwrlock
// std::shared_mutex, shared_timed_mutex, timed_mutex, recursive_mutex and scoped_lock of two.
#include "../help.h"

#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

int main() {
  std::shared_mutex shared;
  std::mutex a, b;
  std::recursive_mutex rec;
  long x = 0, y = 0, both = 0;
  std::vector<std::thread> t;
  for (int i = 0; i < 12; i++)
    t.emplace_back([&, i] {
      for (int k = 0; k < 200; k++) {
        if (i % 4 == 0) {
          std::unique_lock lock(shared);
          x++;
          if (k % 50 == 0) sleep_ms(1);
          y++;
        } else {
          std::shared_lock lock(shared);
          CHECK_EQ(x, y);
        }
        if (i % 2) {
          std::scoped_lock lock(a, b);
          both++;
        } else {
          std::scoped_lock lock(b, a);
          both++;
        }
        std::lock_guard outer(rec);
        std::lock_guard inner(rec);
      }
    });
  for (auto& th : t) th.join();
  CHECK_EQ(x, 600);
  CHECK_EQ(both, 2400);

  std::timed_mutex timed;
  std::shared_timed_mutex shared_timed;
  std::lock_guard hold(timed);
  std::unique_lock hold_shared(shared_timed);
  std::thread([&] {
    auto start = std::chrono::steady_clock::now();
    CHECK(!timed.try_lock());
    CHECK(!timed.try_lock_for(15ms));
    CHECK(!shared_timed.try_lock_for(15ms));
    CHECK(!shared_timed.try_lock_shared_for(15ms));
    CHECK(std::chrono::steady_clock::now() - start >= 45ms);
  }).join();
}
