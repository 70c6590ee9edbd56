// covers: pthread_create pthread_join
// An exception caught in one thread is rethrown in another, which made its own meanwhile.
#include "../help.h"

#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

int main() {
  std::vector<std::exception_ptr> caught(20);
  std::vector<std::thread> t;
  for (int i = 0; i < 20; i++)
    t.emplace_back([&caught, i] {
      try {
        sleep_ms(1);
        throw std::out_of_range("from " + std::to_string(i));
      } catch (...) {
        caught[i] = std::current_exception();
      }
    });
  for (auto& x : t) x.join();
  t.clear();
  for (int i = 0; i < 20; i++)
    t.emplace_back([&caught, i] {
      try {
        std::rethrow_exception(caught[i]);
      } catch (const std::out_of_range& e) {
        sleep_ms(1);
        CHECK(e.what() == "from " + std::to_string(i));
        return;
      }
      CHECK(false);
    });
  for (auto& x : t) x.join();
}
