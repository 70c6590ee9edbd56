#include "base/perturb.h"

#include <time.h>

#include "base/atomic.h"
#include "base/rand.h"
#include "os/cpu.h"
#include "os/syscall.h"

namespace goshim {

namespace {
Atomic<uint64_t> counter;
}  // namespace

void perturb(const char* point) {
  // Seed, place and a shared count decide; two runs with one seed are alike as far as the kernel lets them be.
  Rand r;
  r.s = static_cast<uint64_t>(debug.perturb) * 0x9e3779b97f4a7c15ull +
        counter.fetch_add_relaxed(1) * 0xbf58476d1ce4e5b9ull +
        static_cast<uint64_t>(static_cast<unsigned char>(point[0])) + 1;
  r.next();
  const uint32_t dice = r.below(256);
  if (dice < 200) return;
  if (dice < 240) {
    os::procyield(r.below(2000));
  } else if (dice < 253) {
    os::sys(SYS_sched_yield);
  } else {
    timespec ts = {0, static_cast<long>(r.below(100000))};
    os::sys(SYS_nanosleep, &ts, nullptr);
  }
}

}  // namespace goshim
