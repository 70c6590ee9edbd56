// Handlers run: on their G's stack, in program context, with a context that the kernel made.
//
// The interrupt (signal 32) is what brings us into a handler's position. It leaves the M's mask as it is, so that the
// handlers we call may park, and their G may return from the interrupt's frame on another M.
//
// Interrupted code is the program's (libc's, ...): the handlers run right there. It is ours: locks may be held, lists
// half linked; nothing runs. If it was a system call that sleeps, it is made to fail with EINTR, upon which the hook
// calls act_on_signals(); if not, sysmon will interrupt again soon. act_on_signals() sends the interrupt to itself at a
// point where it is safe, and says so.
#include <dlfcn.h>
#include <elf.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <linux/futex.h>
#include <sys/auxv.h>

#include "arch/amd64/signal.h"
#include "os/syscall.h"
#include "sched/sched.h"
#include "sched/tls.h"
#include "thread/cancel.h"
#include "thread/signal.h"

namespace goshim {

namespace {

struct Range {
  uintptr_t lo;
  uintptr_t hi;
  bool holds(uintptr_t a) const { return a >= lo && a < hi; }
};
// Libc's handler for cancellation, which is the same signal; null until libc has cancelled a thread.
constinit Atomic<void (*)(int, siginfo_t*, void*)> libcs_handler;

// Constant after sigdeliver_init().
constinit Range our_text = {0, 0};
constinit Range libcs_text = {0, 0};
constinit Range vdso = {0, 0};

Range executable_part(uintptr_t base, const ElfW(Phdr) * phdrs, int n) {
  Range r = {0, 0};
  for (int i = 0; i < n; i++) {
    const auto& ph = phdrs[i];
    if (ph.p_type == PT_LOAD && (ph.p_flags & PF_X) != 0)
      r = {base + ph.p_vaddr, base + ph.p_vaddr + ph.p_memsz};
  }
  return r;
}

int find_texts(dl_phdr_info* info, size_t, void*) {
  const Range r = executable_part(info->dlpi_addr, info->dlpi_phdr, info->dlpi_phnum);
  if (r.holds(reinterpret_cast<uintptr_t>(&find_texts))) our_text = r;
  if (r.holds(reinterpret_cast<uintptr_t>(&gnu_get_libc_version))) libcs_text = r;
  return 0;
}

void find_vdso() {
  const uintptr_t base = getauxval(AT_SYSINFO_EHDR);
  if (base == 0) return;
  const auto* eh = reinterpret_cast<const ElfW(Ehdr)*>(base);
  const auto* ph = reinterpret_cast<const ElfW(Phdr)*>(base + eh->e_phoff);
  vdso = executable_part(base, ph, eh->e_phnum);
}

// Ours, or a leaf of libc's that we called: a copy. A leaf elsewhere is a function of the program's, such as a thread's
// that has no frame of its own.
bool is_our_code(const ucontext_t* uc) {
  const uintptr_t pc = context_pc(uc);
  if (our_text.holds(pc) || vdso.holds(pc)) return true;
  return libcs_text.holds(pc) &&
         our_text.holds(*reinterpret_cast<const uintptr_t*>(context_sp(uc)));
}

// A system call that sleeps until something comes, and that signal(7) lets a handler end.
bool ends_with_eintr(long nr, const ucontext_t* uc) {
  switch (nr) {
    case SYS_read:
    case SYS_readv:
    case SYS_preadv2:
    case SYS_write:
    case SYS_writev:
    case SYS_pwritev2:
    case SYS_ioctl:
    case SYS_open:
    case SYS_openat:
    case SYS_wait4:
    case SYS_waitid:
    case SYS_accept:
    case SYS_accept4:
    case SYS_connect:
    case SYS_recvfrom:
    case SYS_recvmsg:
    case SYS_recvmmsg:
    case SYS_sendto:
    case SYS_sendmsg:
    case SYS_sendmmsg:
    case SYS_sendfile:
    case SYS_splice:
    case SYS_tee:
    case SYS_flock:
    case SYS_fcntl:
    case SYS_getrandom:
    case SYS_mq_timedreceive:
    case SYS_mq_timedsend:
    case SYS_msgrcv:
    case SYS_msgsnd:
    case SYS_semop:
    case SYS_semtimedop:
    case SYS_copy_file_range:
      return true;
    case SYS_futex: {
      const auto op = static_cast<int>(uc->uc_mcontext.gregs[REG_RSI]) & FUTEX_CMD_MASK;
      return op == FUTEX_WAIT || op == FUTEX_WAIT_BITSET;
    }
    default:
      return false;
  }
}

bool on_stack(const SigStack& s, uintptr_t sp) {
  const auto lo = reinterpret_cast<uintptr_t>(s.lo);
  return lo != 0 && sp >= lo && sp < lo + s.size;
}

void call_handler(G* gp, const KernelSigaction& act, siginfo_t* info, ucontext_t* uc) {
  const SigStack& s = gp->sig.stack;
  const bool on_it = on_stack(s, reinterpret_cast<uintptr_t>(__builtin_frame_address(0)));
  if ((act.flags & SA_ONSTACK) == 0 || s.lo == nullptr || on_it) {
    act.handler(info->si_signo, info, uc);
  } else {
    call_handler_on(static_cast<char*>(s.lo) + s.size, act.handler, info->si_signo, info, uc);
  }
}

Delivered run_one(G* gp, siginfo_t* info, ucontext_t* uc) {
  const int sig = info->si_signo;
  KernelSigaction act = {};
  os::sys(SYS_rt_sigaction, sig, nullptr, &act, 8);
  const auto h = reinterpret_cast<uintptr_t>(act.handler);
  if (h == reinterpret_cast<uintptr_t>(SIG_IGN)) return Delivered::kNothing;
  if (h == reinterpret_cast<uintptr_t>(SIG_DFL)) {
    signal_default_action(*info);
    return Delivered::kNothing;
  }
  if ((act.flags & SA_RESETHAND) != 0) {
    KernelSigaction dfl = act;
    dfl.handler = nullptr;  // SIG_DFL
    os::sys(SYS_rt_sigaction, sig, &dfl, nullptr, 8);
  }
  const uint64_t old = gp->sig.mask.load_relaxed();  // relaxed: our own
  sigmask_set(gp, old | act.mask | ((act.flags & SA_NODEFER) != 0 ? 0 : sig_bit(sig)), true);
  context_mask(uc) = old;
  call_handler(gp, act, info, uc);
  sigmask_set(gp, context_mask(uc));
  return (act.flags & SA_RESTART) != 0 ? Delivered::kRestart : Delivered::kInterrupt;
}

// On the G, in program context: until nothing deliverable is left.
Delivered run_handlers(G* gp, ucontext_t* uc) {
  auto all = Delivered::kNothing;
  siginfo_t info;
  for (;;) {
    {
      MLockGuard g(sig_lock);
      const uint64_t open = ~gp->sig.mask.load_relaxed();  // relaxed: our own
      if (!sig_queue_take(gp, open, &info)) break;
    }
    const Delivered one = run_one(gp, &info, uc);
    if (one > all) all = one;
  }
  // What sigreturn puts into force is the M's mask, not the program's.
  context_mask(uc) = gp->sig.kmask;
  return all;
}

// gp is cancelled in a wait of libc's. If it sleeps there, that ends as if its time were up: libc takes back what it has
// registered and locks what it has to, and the hook finds kCancelCut. EINTR would have a condition variable wait on.
// What libc waits for otherwise meanwhile (a mutex) is no FUTEX_WAIT_BITSET.
bool cut_libcs_wait(G* gp, ucontext_t* uc) {
  const auto op = static_cast<int>(context_second_argument(uc)) & FUTEX_CMD_MASK;
  if (op != FUTEX_WAIT_BITSET) return false;
  if (context_restarts(uc) == SYS_futex) {
    context_fail(uc, ETIMEDOUT);
  } else if (context_got_eintr(uc)) {  // as with a timeout
    context_change_result(uc, ETIMEDOUT);
  } else {
    return false;
  }
  gp->cancel.fetch_or_relaxed(kCancelCut);  // relaxed: our own
  return true;
}

// On a thread that is none of ours. On a g0 libc's handler finds nobody to cancel.
void pass_to_libc(int sig, siginfo_t* info, void* context) {
  auto* handler = libcs_handler.load_relaxed();  // relaxed: code
  if (handler != nullptr) handler(sig, info, context);
}

void interrupted(int sig, siginfo_t* info, void* context) {
  sig_leader_sends();
  G* gp = getg();
  if (gp == nullptr || gp->kind == GKind::kForeign) return pass_to_libc(sig, info, context);
  // Before looking at what is pending: who adds to it from now on sends another interrupt.
  if (gp->m != nullptr) gp->m->sig_interrupted.store_seq_cst(0);  // [sig.interrupt]
  if (!has_signals(gp)) return;
  auto* uc = static_cast<ucontext_t*>(context);
  if (gp->sig.safe_point) {
    gp->sig.safe_point = false;
    const Delivered d = run_handlers(gp, uc);
    gp->sig.outcome = static_cast<uint8_t>(d);
    return;
  }
  const bool cancelled = cancel_due(gp);
  if (!cancelled && !sig_deliverable(gp)) return;
  const long nr = context_restarts(uc);
  const bool sleeps = nr >= 0 && (cancelled || ends_with_eintr(nr, uc));
  // relaxed: our own
  const bool in_libc = (gp->cancel.load_relaxed() & kCancelInLibc) != 0;
  if (cancelled && cancel_is_async_due(gp) && !in_libc && !is_our_code(uc)) {
    context_mask(uc) = gp->sig.kmask;
    cancel_now();
  }
  if (is_our_code(uc)) {
    if (sleeps) context_fail(uc, EINTR);
    if (cancel_wants_interrupt(gp)) sig_cancel_again();
    return;
  }
  const uintptr_t pc = context_pc(uc);
  // relaxed: our own
  if (in_libc) gp->cancel.fetch_and_relaxed(~kCancelInLibc);  // the handlers may leave by a jump
  const Delivered d = run_handlers(gp, uc);
  if (in_libc) gp->cancel.fetch_or_seq_cst(kCancelInLibc);  // [cancel.word]
  if (sleeps && d == Delivered::kInterrupt && context_pc(uc) == pc) context_fail(uc, EINTR);
  if (in_libc && cancel_due(gp) && !cut_libcs_wait(gp, uc)) sig_cancel_again();
}

bool take_interrupt(KernelSigaction* before) {
  // SA_RESTART, because most interrupts mean nothing to the call they meet.
  constexpr unsigned long kRestorer = 0x04000000;
  const KernelSigaction act = {&interrupted, SA_SIGINFO | SA_NODEFER | SA_RESTART | kRestorer,
                               &goshim_sigreturn, 0};
  return os::sys(SYS_rt_sigaction, kInterruptSignal, &act, before, 8) == 0;
}

void keep_libcs(const KernelSigaction& act) {
  const auto h = reinterpret_cast<uintptr_t>(act.handler);
  const bool is_function =
      h != reinterpret_cast<uintptr_t>(SIG_DFL) && h != reinterpret_cast<uintptr_t>(SIG_IGN);
  if (is_function && act.handler != &interrupted) libcs_handler.store_relaxed(act.handler);
}

}  // namespace

const char* sigdeliver_init() {
  dl_iterate_phdr(&find_texts, nullptr);
  if (our_text.lo == 0 || libcs_text.lo == 0) return "its own code is not to be found";
  find_vdso();
  KernelSigaction before = {};
  if (!take_interrupt(&before)) return "signal 32 is not to be had";
  keep_libcs(before);
  return nullptr;
}

void sig_retake_interrupt() {
  KernelSigaction now = {};
  os::sys(SYS_rt_sigaction, kInterruptSignal, nullptr, &now, 8);
  if (now.handler == &interrupted) return;
  // Libc's comes first: who is cancelled meanwhile must find it.
  keep_libcs(now);
  take_interrupt(&now);
}

Delivered sig_deliver(G* gp) {
  if (gp == nullptr || !has_signals(gp) || !sig_deliverable(gp)) return Delivered::kNothing;
  gp->sig.outcome = static_cast<uint8_t>(Delivered::kNothing);
  gp->sig.safe_point = true;
  os::sys(SYS_tgkill, os::getpid(), gp->m->tid.load_relaxed(), kInterruptSignal);
  return static_cast<Delivered>(gp->sig.outcome);
}

}  // namespace goshim
