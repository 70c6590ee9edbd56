// Whoever has received may drop the last reference at once, while the sender is still inside its call; the memory is then
// another channel. Likewise after a close.
#include "chan/hchan.h"
#include "crew.h"

namespace {

using namespace goshim;
using namespace goshim::chan;

void* send_one(void* p) {
  const uint64_t v = 42;
  chansend(static_cast<hchan*>(p), &v);
  return nullptr;
}

void* close_it(void* p) {
  closechan(static_cast<hchan*>(p));
  return nullptr;
}

void once(test::Random& random) {
  hchan* c = makechan(sizeof(uint64_t), random.below(2));
  STRESS_CHECK(c != nullptr);
  const bool closes = random.one_in(2);
  G* gp = test::go(closes ? &close_it : &send_one, c);
  test::dawdle(random);
  uint64_t v = 1;
  const Op op = chanrecv(c, &v, random.one_in(4) ? os::nanotime() + 1000000000 : kNever);
  chan_unref(c);
  STRESS_CHECK(op == (closes ? Op::kClosed : Op::kDone) && v == (closes ? 0 : 42));
  test::join(gp);
}

}  // namespace

int main(int argc, char** argv) {
  test::Stress stress(argc, argv, "chan_free");
  test::start_crew();
  while (stress.next()) {
    test::run_crew(8, test::some_kernel_threads(stress, 2), stress.random().next(),
                   [&](int, test::Random& random) {
                     for (int i = 0; i < 50; i++) once(random);
                   });
  }
  return 0;
}
