// covers: pthread_exit
// pthread_exit destroys the C++ objects on the stack, then thread_local ones; catch (...) sees it
// and rethrows.
#include "../help.h"

#include <string>

static std::string order;

struct Noted {
  const char* name;
  ~Noted() { order += name; }
};

static thread_local Noted tls{"t"};

static __attribute__((noinline)) void inner() {
  Noted n{"i"};
  sleep_ms(1);
  pthread_exit((void*)6L);
}

static void* body(void*) {
  (void)&tls;
  CHECK_STR(tls.name, "t");
  Noted outer{"o"};
  try {
    Noted mid{"m"};
    inner();
  } catch (...) {
    order += "c";
    throw;
  }
  order += "never";
  return nullptr;
}

int main() {
  for (int i = 0; i < 5; i++) {
    order.clear();
    CHECK_EQ((intptr_t)JOIN(THREAD(body, nullptr)), 6);
    CHECK_STR(order.c_str(), "imcot");
  }
}
