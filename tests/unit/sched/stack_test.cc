#include "sched/stack.h"

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <criterion/criterion.h>

#include "base/rand.h"
#include "os/memory.h"

using namespace goshim;

namespace {

// What a child ends with that writes to p.
int status_of_write(volatile char* p) {
  const pid_t pid = fork();
  if (pid == 0) {
    std::signal(SIGSEGV, SIG_DFL);
    std::signal(SIGBUS, SIG_DFL);
    *p = 1;
    _exit(0);
  }
  int status = -1;
  waitpid(pid, &status, 0);
  return status;
}

bool faults(char* p) {
  const int status = status_of_write(p);
#if defined(__SANITIZE_ADDRESS__)
  return status != 0;  // the sanitizer ends the child in its own way
#else
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
#endif
}

void guard_faults() {
  G gp;
  const int c = stack_class(64 << 10);
  char* hi = stack_alloc(&gp, c, os::kPage);
  cr_assert(hi != nullptr && hi == gp.stack.slot_hi);
  cr_assert(gp.stack.slot_hi - gp.stack.slot_lo == 64 << 10);
  cr_assert(faults(gp.stack.slot_lo));
  cr_assert(faults(gp.stack.slot_lo + os::kPage - 1));
  cr_assert(!faults(gp.stack.slot_lo + os::kPage));
  cr_assert(!faults(gp.stack.slot_hi - 1));
}

}  // namespace

Test(stack, classes_are_powers_of_two) {
  cr_assert(stack_class(1) == kMinStackShift);
  cr_assert(stack_class(size_t{1} << kMinStackShift) == kMinStackShift);
  cr_assert(stack_class((size_t{1} << kMinStackShift) + 1) == kMinStackShift + 1);
  cr_assert(stack_class(8 << 20) == 23);
  cr_assert(stack_class(size_t{1} << kMaxStackShift) == kMaxStackShift);
  cr_assert(stack_class((size_t{1} << kMaxStackShift) + 1) == -1);
  cr_assert(stack_class(SIZE_MAX) == -1);
}

Test(stack, the_guard_faults_and_its_neighbours_do_not) { guard_faults(); }

Test(stack, so_it_does_by_mprotect) {
  os::guard_by_mprotect = true;
  guard_faults();
}

// Far beyond what is made one by one: slots are made ready some at a time.
Test(stack, the_guards_of_many_fault) {
  constexpr int kSlots = 1200;
  static G gs[kSlots];
  const int c = stack_class(32 << 10);
  for (int i = 0; i < kSlots; i++) {
    const char* hi = stack_alloc(&gs[i], c, os::kPage);
    const Stack& s = gs[i].stack;
    cr_assert(hi == s.slot_hi && s.guard == os::kPage && s.size_class == c);
    if (i > 0)
      cr_assert(gs[i - 1].stack.slot_hi <= s.slot_lo || s.slot_hi <= gs[i - 1].stack.slot_lo);
    if (i % 100 != 99 && i < kSlots - 20) continue;
    cr_assert(faults(s.slot_lo));
    cr_assert(faults(s.slot_lo + os::kPage - 1));
    cr_assert(!faults(s.slot_lo + os::kPage));
    for (const char* p = s.slot_lo + os::kPage; p < s.slot_hi; p++) cr_assert(*p == 0);
  }
  // One that wants more, or none, among them.
  static G wide, none;
  cr_assert(stack_alloc(&wide, c, 3 * os::kPage) != nullptr && wide.stack.guard == 3 * os::kPage);
  cr_assert(faults(wide.stack.slot_lo + 3 * os::kPage - 1));
  cr_assert(!faults(wide.stack.slot_lo + 3 * os::kPage));
  cr_assert(stack_alloc(&none, c, 0) != nullptr);
  cr_assert(!faults(none.stack.slot_lo + none.stack.guard));
}

Test(stack, without_a_guard_all_is_usable) {
  G gp;
  stack_alloc(&gp, kMinStackShift, 0);
  cr_assert(!faults(gp.stack.slot_lo));
}

Test(stack, slots_do_not_overlap) {
  constexpr int kSlots = 200;
  static G gs[kSlots];
  for (int i = 0; i < kSlots; i++) {
    cr_assert(stack_alloc(&gs[i], 14 + i % 8, 0) != nullptr);
    cr_assert(gs[i].stack.size_class == 14 + i % 8);
    for (int j = 0; j < i; j++) {
      cr_assert(gs[i].stack.slot_hi <= gs[j].stack.slot_lo ||
                gs[j].stack.slot_hi <= gs[i].stack.slot_lo);
    }
  }
}

Test(stack, fresh_stacks_are_zero) {
  G gp;
  stack_alloc(&gp, 16, 0);
  for (char* p = gp.stack.slot_lo; p < gp.stack.slot_hi; p++) cr_assert(*p == 0);
}

Test(stack, an_impossible_size_is_refused) {
  G gp;
  // 16 slots of a terabyte: more than the address space may have; refused or not, no crash.
  char* hi = stack_alloc(&gp, kMaxStackShift, 0);
  cr_assert(hi == nullptr || hi == gp.stack.slot_hi);
}
