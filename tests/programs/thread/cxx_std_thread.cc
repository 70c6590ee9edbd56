// covers: pthread_create pthread_join pthread_detach
// std::thread: move, ids, arguments, hardware_concurrency, joinable, join of self throws.
#include "../help.h"

#include <set>
#include <system_error>
#include <thread>
#include <vector>

int main() {
  std::vector<std::thread> pool;
  std::vector<std::thread::id> ids(40);
  std::vector<int> sums(40);
  for (int i = 0; i < 40; i++)
    pool.emplace_back(
        [&ids, i](int& out, std::vector<int> v) {
          ids[i] = std::this_thread::get_id();
          std::this_thread::sleep_for(std::chrono::milliseconds(3));
          for (int x : v) out += x;
        },
        std::ref(sums[i]), std::vector<int>{i, 2 * i, 3});
  std::set<std::thread::id> unique;
  for (auto& t : pool) {
    std::thread moved = std::move(t);
    CHECK(!t.joinable() && moved.joinable());
    unique.insert(moved.get_id());
    moved.join();
  }
  CHECK_EQ(unique.size(), 40);
  for (int i = 0; i < 40; i++) {
    CHECK_EQ(sums[i], 3 * i + 3);
    CHECK(unique.count(ids[i]) == 1);
  }
  CHECK(std::thread::hardware_concurrency() >= 1);
  std::thread none;
  bool threw = false;
  try {
    none.join();
  } catch (const std::system_error& e) {
    threw = e.code() == std::errc::invalid_argument;
  }
  CHECK(threw);
}
