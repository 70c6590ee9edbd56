// covers: pthread_create pthread_join pthread_cond_wait
// std::jthread joins itself, and a stop request wakes a waiting condition_variable_any.
#include "../help.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

int main() {
  std::mutex m;
  std::condition_variable_any cv;
  std::atomic<int> stopped{0}, callbacks{0};
  {
    std::vector<std::jthread> t;
    for (int i = 0; i < 20; i++)
      t.emplace_back([&](std::stop_token token) {
        std::stop_callback note(token, [&] { callbacks++; });
        std::unique_lock lock(m);
        CHECK(!cv.wait(lock, token, [] { return false; }));
        CHECK(token.stop_requested());
        stopped++;
      });
    sleep_ms(5);
  }
  CHECK_EQ(stopped.load(), 20);
  // The wait's own callback runs first: its thread may be gone, and its note with it, before ours would run.
  CHECK(callbacks.load() <= 20);
}
