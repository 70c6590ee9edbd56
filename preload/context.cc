// Contexts that carry a signal mask: sigjmp_buf and ucontext_t.
//
// Libc saves and restores the mask of the kernel thread, which is the M's and the same for all. The program's own is in
// the G. Both types have room for 1,024 signals of which the kernel uses 64: the second word keeps the program's mask,
// the third says so. A context without the mark was saved before there were threads, made by the kernel for a handler,
// or had its mask written by the program: then the first word is the program's mask.
#include "preload/blocking.h"
#include "preload/hook.h"
#include "thread/signal.h"

using namespace goshim;

extern "C" void goshim_context_ends();

namespace {

constexpr uint64_t kMark = 0x6b73616d206f6721;
enum Word { kKernels, kPrograms, kMarkWord };

uint64_t* words(const void* set) { return static_cast<uint64_t*>(const_cast<void*>(set)); }

// Libc is about to save the kernel thread's mask there.
void note_mask(void* set) {
  G* gp = signal_g();
  uint64_t* w = words(set);
  w[kMarkWord] = gp != nullptr ? kMark : 0;
  if (gp != nullptr) w[kPrograms] = gp->sig.mask.load_relaxed();  // relaxed: our own
}

// A context that makecontext() made starts with the return address of libc's code that goes on with uc_link, by a
// setcontext() that we do not see. Ours comes before it.
constinit const void* libcs_end = nullptr;

void* const* return_address(const ucontext_t* uc) {
  return reinterpret_cast<void* const*>(uc->uc_mcontext.gregs[REG_RSP]);
}

const void* find_libcs_end() {
  static ucontext_t uc;
  alignas(16) static char stack[256];
  real.getcontext(&uc);
  uc.uc_stack.ss_sp = stack;
  uc.uc_stack.ss_size = sizeof stack;
  uc.uc_link = nullptr;
  makecontext(
      &uc, [] {}, 0);
  return *return_address(&uc);
}

void watch_end(const ucontext_t* uc) {
  if (libcs_end == nullptr) libcs_end = find_libcs_end();
  void* const* at = return_address(uc);
  if (*at == libcs_end) *const_cast<void**>(at) = reinterpret_cast<void*>(&goshim_context_ends);
}

// Libc is about to give the kernel thread the mask that stands there. What it lets in runs before the jump.
void adopt_mask(const void* set) {
  G* gp = signal_g();
  uint64_t* w = words(set);
  const bool marked = w[kMarkWord] == kMark;
  if (gp == nullptr) {
    if (marked) w[kKernels] = w[kPrograms];
    return;
  }
  // The kernel's, of a handler for a signal that the thread brought on itself.
  if (!marked && w[kKernels] == gp->sig.kmask) return;
  if (!marked) w[kPrograms] = w[kKernels];
  sigmask_set(gp, w[kPrograms]);
  w[kKernels] = gp->sig.kmask;
  w[kMarkWord] = kMark;
  act_on_signals();
}

// A slot of `real` that is jumped to must be libc's function and not the stub that looks it up.
template <typename F>
F resolved(F Real::*slot) {
  static bool done = false;
  if (!done) real_resolve_all();
  done = true;
  return real.*slot;
}

}  // namespace

// Functions that return twice must not have a frame of ours under them: each of these does its work, says where libc's
// own is, and is left by a jump.
extern "C" {
void* goshim_sigsetjmp(struct __jmp_buf_tag* env, int save_mask) {
  if (save_mask != 0) note_mask(&env->__saved_mask);
  return reinterpret_cast<void*>(resolved(&Real::__sigsetjmp));
}
void* goshim_getcontext(ucontext_t* uc) {
  note_mask(&uc->uc_sigmask);
  return reinterpret_cast<void*>(resolved(&Real::getcontext));
}
void* goshim_swapcontext(ucontext_t* from, const ucontext_t* to) {
  note_mask(&from->uc_sigmask);
  adopt_mask(&to->uc_sigmask);
  if (signal_g() != nullptr) watch_end(to);
  return reinterpret_cast<void*>(resolved(&Real::swapcontext));
}
// The context ends: libc is about to go on with this one, if there is one.
const void* goshim_next_context(const ucontext_t* link) {
  if (link != nullptr) adopt_mask(&link->uc_sigmask);
  if (link != nullptr && signal_g() != nullptr) watch_end(link);
  return libcs_end;
}
}

// rbx leads to uc_link, as libc has it.
__asm__(
    ".text\n"
    ".p2align 4\n"
    ".type goshim_context_ends, @function\n"
    "goshim_context_ends:\n"
    "  movq (%rbx), %rdi\n"
    "  movq %rbx, %rsp\n"
    "  andq $-16, %rsp\n"
    "  call goshim_next_context\n"
    "  jmp *%rax\n"
    ".size goshim_context_ends, . - goshim_context_ends\n");

#define LEAVES_BY_JUMP(name, work)          \
  __asm__(                                  \
      ".text\n"                             \
      ".p2align 4\n"                        \
      ".globl hook_" name                   \
      "\n"                                  \
      ".hidden hook_" name                  \
      "\n"                                  \
      ".type hook_" name                    \
      ", @function\n"                       \
      "hook_" name                          \
      ":\n"                                 \
      "  pushq %rdi\n"                      \
      "  pushq %rsi\n"                      \
      "  subq $8, %rsp\n"                   \
      "  call " work                        \
      "\n"                                  \
      "  addq $8, %rsp\n"                   \
      "  popq %rsi\n"                       \
      "  popq %rdi\n"                       \
      "  jmp *%rax\n"                       \
      ".size hook_" name ", . - hook_" name \
      "\n"                                  \
      ".globl " name                        \
      "\n"                                  \
      ".set " name ", hook_" name "\n")

LEAVES_BY_JUMP("__sigsetjmp", "goshim_sigsetjmp");
LEAVES_BY_JUMP("getcontext", "goshim_getcontext");
LEAVES_BY_JUMP("swapcontext", "goshim_swapcontext");

// BSD's, a function in libc beside the macro of <setjmp.h>, saves the mask.
__asm__(
    ".globl hook_setjmp\n"
    ".hidden hook_setjmp\n"
    ".type hook_setjmp, @function\n"
    "hook_setjmp:\n"
    "  movl $1, %esi\n"
    "  jmp hook___sigsetjmp\n"
    ".size hook_setjmp, . - hook_setjmp\n"
    ".globl setjmp\n"
    ".set setjmp, hook_setjmp\n");

GOSHIM_HOOK(int, setcontext)(const ucontext_t* uc) {
  adopt_mask(&uc->uc_sigmask);
  if (signal_g() != nullptr) watch_end(uc);
  return real.setcontext(uc);
}

GOSHIM_HOOK(void, siglongjmp)(struct __jmp_buf_tag* env, int value) {
  if (env->__mask_was_saved != 0) adopt_mask(&env->__saved_mask);
  real.siglongjmp(env, value);
  __builtin_unreachable();
}
GOSHIM_EXPORT_AS(longjmp, siglongjmp);
GOSHIM_EXPORT_AS(_longjmp, siglongjmp);

GOSHIM_HOOK(void, __longjmp_chk)(struct __jmp_buf_tag* env, int value) {
  if (env->__mask_was_saved != 0) adopt_mask(&env->__saved_mask);
  real.__longjmp_chk(env, value);
  __builtin_unreachable();
}
