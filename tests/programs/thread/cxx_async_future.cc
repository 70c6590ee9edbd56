// covers: pthread_create pthread_once pthread_cond_wait
// std::async, promise, packaged_task and shared_future carry values and exceptions between threads.
#include "../help.h"

#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

int main() {
  std::vector<std::future<int>> results;
  for (int i = 0; i < 30; i++)
    results.push_back(std::async(std::launch::async, [i] {
      sleep_ms(2);
      if (i % 10 == 9) throw std::runtime_error("nine " + std::to_string(i));
      return i * i;
    }));
  for (int i = 0; i < 30; i++) {
    try {
      CHECK_EQ(results[i].get(), i * i);
      CHECK(i % 10 != 9);
    } catch (const std::runtime_error& e) {
      CHECK(e.what() == "nine " + std::to_string(i));
    }
  }
  std::promise<std::string> p;
  std::shared_future<std::string> f = p.get_future().share();
  CHECK(f.wait_for(std::chrono::milliseconds(5)) == std::future_status::timeout);
  std::vector<std::thread> readers;
  for (int i = 0; i < 10; i++) readers.emplace_back([f] { CHECK_STR(f.get().c_str(), "value"); });
  std::thread setter([&p] {
    sleep_ms(5);
    p.set_value_at_thread_exit("value");
    sleep_ms(1);
  });
  for (auto& r : readers) r.join();
  setter.join();
  std::packaged_task<int(int)> task([](int x) { return x + 1; });
  auto answer = task.get_future();
  std::thread runner(std::move(task), 41);
  CHECK_EQ(answer.get(), 42);
  runner.join();
  auto lazy = std::async(std::launch::deferred, [] { return std::this_thread::get_id(); });
  CHECK(lazy.get() == std::this_thread::get_id());
}
