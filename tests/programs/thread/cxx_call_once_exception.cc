// covers: pthread_once
// std::call_once runs again after a throw, others wait meanwhile; static locals are made once.
#include "../help.h"

#include <mutex>
#include <thread>
#include <vector>

static int made;
struct Slow {
  Slow() {
    sleep_ms(10);
    made++;
  }
  int value = 4;
};
static Slow& instance() {
  static Slow slow;
  return slow;
}

int main() {
  std::once_flag flag;
  int attempts = 0, caught = 0;
  std::mutex m;
  std::vector<std::thread> t;
  for (int i = 0; i < 12; i++)
    t.emplace_back([&] {
      CHECK_EQ(instance().value, 4);
      CHECK_EQ(made, 1);
      try {
        std::call_once(flag, [&] {
          sleep_ms(2);
          if (++attempts < 4) throw attempts;
        });
        CHECK_EQ(attempts, 4);
      } catch (int) {
        std::lock_guard lock(m);
        caught++;
      }
    });
  for (auto& x : t) x.join();
  CHECK_EQ(caught, 3);
  CHECK_EQ(attempts, 4);
}
