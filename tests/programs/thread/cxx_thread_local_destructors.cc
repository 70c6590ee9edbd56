// covers: __cxa_thread_atexit_impl pthread_create
// thread_local objects are made at first use per thread and destroyed at its end in reverse order,
// before join returns.
#include "../help.h"

#include <string>
#include <thread>
#include <vector>

static std::string* log_of[20];

struct Noted {
  int thread = -1;
  char name;
  explicit Noted(char n) : name(n) {}
  ~Noted() {
    sleep_ms(1);
    if (thread >= 0) log_of[thread]->push_back(name);
  }
};
static thread_local Noted a('a');
static thread_local Noted b('b');

static void body(int i) {
  b.thread = i;
  a.thread = i;
  thread_local Noted local('l');
  local.thread = i;
  sleep_ms(1);
  CHECK_EQ(a.thread, i);
  CHECK_EQ(local.thread, i);
}

int main() {
  for (auto& l : log_of) l = new std::string;
  std::vector<std::thread> t;
  for (int i = 0; i < 20; i++) t.emplace_back(body, i);
  for (auto& x : t) x.join();
  for (auto* l : log_of) {
    CHECK_STR(l->c_str(), "lba");
    delete l;
  }
}
