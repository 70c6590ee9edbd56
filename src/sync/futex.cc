// futex(2) on private words.
//
//  [futex.word]   the program changes the word, then wakes        a waiter
//                 *uaddr = new  (the program's own order)         lock bucket
//                 FUTEX_WAKE: lock bucket                           *uaddr == val ? link
//                 unlink, claim                                   unlock bucket
//  As in the kernel: both sides take the bucket's lock after the word was written or before it is
//  read, so either the waiter sees the new value or the wake-up sees the waiter.
//
// A bad address is EFAULT, not a crash: before we read a word for the program the kernel is asked
// whether it can be read (rt_sigprocmask with an impossible `how` reads its set first). An address
// that is unmapped between the question and the read crashes the program, which was about to crash
// anyway.
//
// Not here: shared words, priority inheritance, WAIT|CLOCK_REALTIME (kernels differ), misaligned or
// kernel addresses: the kernel answers those itself.
#include "sync/futex.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>

#include "base/perturb.h"
#include "os/syscall.h"
#include "sched/sched.h"
#include "sched/signals.h"
#include "sched/syscall.h"
#include "sync/parking_lot.h"

namespace goshim::sync {

namespace {

// Set once, never cleared. relaxed: the program orders its waits and wakes by the word.
constinit Atomic<bool> kernel_waits;

constexpr uintptr_t kUserEnd = uintptr_t{1} << 47;

int command(const FutexCall& c) { return c.op & FUTEX_CMD_MASK; }

Key key_of(const uint32_t* uaddr) { return Key::of(uaddr, Kind::kFutex); }

bool is_word(const uint32_t* p) {
  const auto a = reinterpret_cast<uintptr_t>(p);
  return a % sizeof(uint32_t) == 0 && a < kUserEnd;
}

bool is_readable(const void* p) {
  constexpr int kNoSuchHow = -1;
  const uintptr_t a = reinterpret_cast<uintptr_t>(p) & ~uintptr_t{7};
  return os::sys(SYS_rt_sigprocmask, kNoSuchHow, a, nullptr, 8) != -EFAULT;
}

// relaxed: the bucket's lock orders it against wakers
uint32_t load(const uint32_t* p) { return as_atomic(const_cast<uint32_t&>(*p)).load_relaxed(); }

long kernel(const FutexCall& c) {
  return os::sys(SYS_futex, c.uaddr, c.op, c.val, c.timeout, c.uaddr2, c.val3);
}

// The deadline of a wait: 0, -EFAULT or -EINVAL.
int read_timeout(const FutexCall& c, Deadline* deadline) {
  const auto* ts = reinterpret_cast<const timespec*>(c.timeout);
  if (ts == nullptr) return 0;
  const auto* last = reinterpret_cast<const char*>(ts + 1) - 1;
  if (!is_readable(ts) || !is_readable(last)) return -EFAULT;
  const timespec copy = *ts;
  if (!os::valid_timeout(copy)) return -EINVAL;
  if (command(c) == FUTEX_WAIT) {
    *deadline = Deadline::in(os::to_ns(copy));
  } else {
    *deadline =
        Deadline::on((c.op & FUTEX_CLOCK_REALTIME) != 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC, copy);
  }
  return 0;
}

long futex_wait(const FutexCall& c) {
  Deadline deadline;
  const int error = read_timeout(c, &deadline);
  if (error != 0) return error;
  const uint32_t bitset = command(c) == FUTEX_WAIT ? FUTEX_BITSET_MATCH_ANY : c.val3;
  if (bitset == 0) return -EINVAL;
  if (!is_readable(c.uaddr)) return -EFAULT;
  Waiter w(WaitReason::kFutex);
  w.bitset = bitset;
  w.by_signal = true;
  for (;;) {
    GS_PERTURB("futex.before_park");
    switch (
        park(w, key_of(c.uaddr), deadline, [&](Lot&) { return load(c.uaddr) == c.val; }).result) {
      case ParkResult::kUnparked:
        return 0;
      case ParkResult::kInvalid:
        return -EAGAIN;
      case ParkResult::kTimedOut:
        return -ETIMEDOUT;
      case ParkResult::kInterrupted:
      case ParkResult::kCancelled:
        break;
    }
    // As in the kernel: SA_RESTART restarts a wait without a deadline only.
    if (!deliver_signals(deadline.is_never())) return -EINTR;
  }
}

// The kernel wakes one even when asked for none.
int at_least_one(uint32_t n) { return static_cast<int>(n) < 1 ? 1 : static_cast<int>(n); }

int wake_word(uint32_t* uaddr, int n, uint32_t bitset) {
  int woken = unpark(key_of(uaddr), n, Token::kNone, bitset);
  if (woken < n && kernel_waits.load_relaxed()) {
    const long more = kernel(
        {uaddr, FUTEX_WAKE_BITSET_PRIVATE, static_cast<uint32_t>(n - woken), 0, nullptr, bitset});
    if (more > 0) woken += static_cast<int>(more);
  }
  return woken;
}

long futex_wake(const FutexCall& c) {
  const uint32_t bitset = command(c) == FUTEX_WAKE ? FUTEX_BITSET_MATCH_ANY : c.val3;
  if (bitset == 0) return -EINVAL;
  return wake_word(c.uaddr, at_least_one(c.val), bitset);
}

long futex_requeue(const FutexCall& c) {
  const int n_wake = static_cast<int>(c.val);
  const int n_move = static_cast<int>(c.timeout);
  if (n_wake < 0 || n_move < 0) return -EINVAL;
  const bool compare = command(c) == FUTEX_CMP_REQUEUE;
  if (compare && !is_readable(c.uaddr)) return -EFAULT;
  const auto same = [&] { return !compare || load(c.uaddr) == c.val3; };
  const Requeued r = unpark_requeue(key_of(c.uaddr), key_of(c.uaddr2), n_wake, n_move, same);
  if (!r.valid) return -EAGAIN;
  long done = r.woken + r.moved;
  if (kernel_waits.load_relaxed() && r.moved < n_move) {
    const long more =
        kernel({c.uaddr, FUTEX_REQUEUE_PRIVATE, static_cast<uint32_t>(n_wake - r.woken),
                long{n_move - r.moved}, c.uaddr2, 0});
    if (more > 0) done += more;
  }
  return done;
}

int sign_extend_12(uint32_t v) { return static_cast<int>(v << 20) >> 20; }

// The operation of FUTEX_WAKE_OP on the second word. False: no such operation.
bool apply(uint32_t encoded, uint32_t* uaddr, int* old) {
  uint32_t arg = static_cast<uint32_t>(sign_extend_12((encoded >> 12) & 0xfff));
  if ((encoded >> 28 & FUTEX_OP_OPARG_SHIFT) != 0) arg = uint32_t{1} << (arg & 31);
  Atomic<uint32_t>& word = as_atomic(*uaddr);
  uint32_t v = word.load_relaxed();
  for (;;) {
    uint32_t next;
    switch (encoded >> 28 & 7) {
      case FUTEX_OP_SET:
        next = arg;
        break;
      case FUTEX_OP_ADD:
        next = v + arg;
        break;
      case FUTEX_OP_OR:
        next = v | arg;
        break;
      case FUTEX_OP_ANDN:
        next = v & ~arg;
        break;
      case FUTEX_OP_XOR:
        next = v ^ arg;
        break;
      default:
        return false;
    }
    if (word.cas_seq_cst(v, next))
      break;  // [futex.word] the program's own protocol is at both ends
  }
  *old = static_cast<int>(v);
  return true;
}

bool compare(uint32_t encoded, int old) {
  const int arg = sign_extend_12(encoded & 0xfff);
  switch (encoded >> 24 & 15) {
    case FUTEX_OP_CMP_EQ:
      return old == arg;
    case FUTEX_OP_CMP_NE:
      return old != arg;
    case FUTEX_OP_CMP_LT:
      return old < arg;
    case FUTEX_OP_CMP_LE:
      return old <= arg;
    case FUTEX_OP_CMP_GT:
      return old > arg;
    default:
      return old >= arg;
  }
}

long futex_wake_op(const FutexCall& c) {
  if ((c.val3 >> 24 & 15) > FUTEX_OP_CMP_GE) return -ENOSYS;
  // The kernel adds nothing to the word and wakes nobody of ours: it tells whether the word can be
  // written.
  const long probe = kernel({c.uaddr, FUTEX_WAKE_OP_PRIVATE, 1, 1, c.uaddr2,
                             FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 0)});
  if (probe < 0) return probe;
  int old = 0;
  if (!apply(c.val3, c.uaddr2, &old)) return -ENOSYS;
  GS_PERTURB("futex.wake_op");
  int woken = wake_word(c.uaddr, at_least_one(c.val), FUTEX_BITSET_MATCH_ANY);
  if (compare(c.val3, old)) {
    woken +=
        wake_word(c.uaddr2, at_least_one(static_cast<uint32_t>(c.timeout)), FUTEX_BITSET_MATCH_ANY);
  }
  return woken;
}

}  // namespace

void futex_kernel_waits() { kernel_waits.store_relaxed(true); }

bool futex_is_ours(const FutexCall& c) {
  if ((c.op & FUTEX_PRIVATE_FLAG) == 0 || !started() || !is_word(c.uaddr)) return false;
  const bool realtime = (c.op & FUTEX_CLOCK_REALTIME) != 0;
  switch (command(c)) {
    case FUTEX_WAIT_BITSET:
      return true;
    case FUTEX_WAIT:
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
      return !realtime;
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
    case FUTEX_WAKE_OP:
      return !realtime && is_word(c.uaddr2);
    default:
      return false;
  }
}

long futex_in_kernel(const FutexCall& c) {
  FutexCall call = c;
  timespec until;
  if (command(c) == FUTEX_WAIT && c.timeout != 0 && (c.op & FUTEX_CLOCK_REALTIME) == 0) {
    // To be repeated, it has to end at a time and not after one.
    Deadline deadline;
    const int error = read_timeout(c, &deadline);
    if (error != 0) return error;
    until = {deadline.at / os::kSecond, deadline.at % os::kSecond};
    call.op = FUTEX_WAIT_BITSET | (c.op & ~FUTEX_CMD_MASK);
    call.timeout = reinterpret_cast<long>(&until);
    call.val3 = FUTEX_BITSET_MATCH_ANY;
  }
  for (;;) {
    const long r = blocking([&] { return kernel(call); });
    if (r != -EINTR || !deliver_signals(c.timeout == 0)) return r;
  }
}

long futex(const FutexCall& c) {
  switch (command(c)) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
      return futex_wait(c);
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
      return futex_wake(c);
    case FUTEX_WAKE_OP:
      return futex_wake_op(c);
    default:
      return futex_requeue(c);
  }
}

}  // namespace goshim::sync
