// covers: pthread_cancel
// Cancelling a blocked C++ thread destroys the objects on its stack; catch (...) must rethrow and
// does.
#include "../help.h"

#include <mutex>
#include <string>

static std::string order;
static int p[2];
static std::mutex m;

struct Noted {
  const char* name;
  ~Noted() { order += name; }
};

static __attribute__((noinline)) void blocks() {
  Noted inner{"i"};
  char c;
  (void)!read(p[0], &c, 1);
  order += "never";
}

static void* body(void* ready) {
  Noted outer{"o"};
  std::lock_guard lock(m);
  try {
    Noted mid{"m"};
    write_all(*(int*)ready, "r", 1);
    blocks();
  } catch (...) {
    order += "c";
    throw;
  }
  return nullptr;
}

int main() {
  int q[2];
  CHECK_OK(pipe(p));
  CHECK_OK(pipe(q));
  for (int i = 0; i < 6; i++) {
    order.clear();
    pthread_t t = THREAD(body, &q[1]);
    char c;
    CHECK_EQ(read(q[0], &c, 1), 1);
    if (i % 2) sleep_ms(3);
    CHECK_OK(pthread_cancel(t));
    CHECK(JOIN(t) == PTHREAD_CANCELED);
    std::string want = order.size() == 4 ? "imco" : "mco";
    CHECK_STR(order.c_str(), want.c_str());
    CHECK(m.try_lock());
    m.unlock();
  }
}
