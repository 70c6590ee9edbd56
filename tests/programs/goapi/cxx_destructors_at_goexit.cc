// link: -lgoshim
// Goexit unwinds: destructors run, and catch (...) that rethrows lets it pass.
#include <goshim/goshim.hpp>

#include "check.h"

namespace {
goshim::chan<int> out(8);
struct Tell {
  int v;
  ~Tell() { out.send(v); }
};
}  // namespace

int main() {
  goshim::go([] {
    Tell last{2};
    try {
      Tell first{1};
      goshim::goexit();
    } catch (...) {
      out.send(10);
      throw;
    }
  });
  CHECK_EQ(*out.recv(), 1);
  CHECK_EQ(*out.recv(), 10);
  CHECK_EQ(*out.recv(), 2);
  return 0;
}
