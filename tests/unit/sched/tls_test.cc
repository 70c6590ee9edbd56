// Each G has a thread control block of its own; a recycled one shows nothing of the life before.
#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <criterion/criterion.h>
#include <cxxabi.h>

#include "os/syscall.h"
#include "runtime.h"
#include "sched/park.h"
#include "sched/tls_reset.h"

using namespace goshim;

namespace {

thread_local int own = 7;

// libstdc++'s TLS: another module's.
unsigned& uncaught_of_this_thread() {
  return reinterpret_cast<unsigned*>(abi::__cxa_get_globals())[2];
}

}  // namespace

Test(tls, errno_and_variables_are_each_gs_own) {
  test::start_runtime();
  errno = 11;
  own = 1;
  static Atomic<int> step;
  auto body = [](void* p) -> void* {
    const int n = static_cast<int>(reinterpret_cast<uintptr_t>(p));
    const bool fresh = own == 7 && errno == 0;
    own = n;
    errno = n;
    step.fetch_add_relaxed(1);
    while (step.load_relaxed() < 20) goyield();  // on other Ms, among the others
    return fresh && own == n && errno == n ? p : nullptr;
  };
  G* gs[20];
  for (uintptr_t i = 0; i < 20; i++) gs[i] = test::go(body, reinterpret_cast<void*>(i + 100));
  for (uintptr_t i = 0; i < 20; i++)
    cr_assert(test::join(gs[i]) == reinterpret_cast<void*>(i + 100));
  cr_assert(errno == 11 && own == 1);
}

Test(tls, a_tcb_is_like_glibcs) {
  test::start_runtime();
  G* gp = test::go(
      [](void*) -> void* {
        void* self = get_fsbase();
        const bool ok = reinterpret_cast<void*>(pthread_self()) == self && getg()->tcb == self &&
                        g_of_tcb(self) == getg() && self_tid() == getg()->tid &&
                        tcb_get_tid(self) == self_tid() && self_tid() > 4194304;
        char text[32];
        std::snprintf(text, sizeof text, "%.2f %s", 1.5, std::strerror(ENOENT));
        return ok && std::strcmp(text, "1.50 No such file or directory") == 0 ? self : nullptr;
      },
      nullptr);
  void* tcb = gp->tcb;
  cr_assert(test::join(gp) == tcb);
}

Test(tls, a_recycled_g_finds_another_modules_tls_fresh) {
  setenv("GOSHIM_MAXPROCS", "1", 1);  // a dead G waits at a P
  test::start_runtime();
  auto body = [](void* p) -> void* {
    const unsigned found = uncaught_of_this_thread();
    uncaught_of_this_thread() = static_cast<unsigned>(reinterpret_cast<uintptr_t>(p));
    errno = 99;
    return reinterpret_cast<void*>(static_cast<uintptr_t>(found + 1));
  };
  G* first = test::go(body, reinterpret_cast<void*>(5));
  cr_assert(test::join(first) == reinterpret_cast<void*>(1));
  // Warm: the same G comes back.
  G* second = test::go(body, reinterpret_cast<void*>(6));
  cr_assert(second == first);
  cr_assert(test::join(second) == reinterpret_cast<void*>(1));
  tls_change_begins();
  tls_change_ended();
  cr_assert(test::join(test::go(body, nullptr)) == reinterpret_cast<void*>(1));
}

Test(tls, dynamic_tls_of_a_dead_g_is_dropped) {
  test::start_runtime();
  auto locale = [](void*) -> void* {
    locale_t mine = newlocale(LC_ALL_MASK, "C", nullptr);
    const bool fresh = uselocale(nullptr) == LC_GLOBAL_LOCALE;
    uselocale(mine);
    return fresh ? &own : nullptr;
  };
  for (int i = 0; i < 3; i++) cr_assert(test::join(test::go(locale, nullptr)) != nullptr);
}

Test(tls, the_block_is_within_the_slot_and_above_the_stack) {
  test::start_runtime();
  G* gp = test::go(
      [](void*) -> void* {
        char here;
        const Stack& s = getg()->stack;
        char* own_at = reinterpret_cast<char*>(&own);
        const bool ok = &here >= s.stack_lo && &here < s.stack_hi && own_at >= s.stack_hi &&
                        own_at < s.slot_hi && static_cast<char*>(getg()->tcb) < s.slot_hi;
        return ok ? &own : nullptr;
      },
      nullptr);
  cr_assert(test::join(gp) != nullptr);
}
