// After the kernel's exit_robust_list(). A node of the list is the address of a mutex's
// __list.__next, its lowest bit says that the mutex inherits priorities. The mutex that was being
// locked or unlocked is on the list, or not yet, or no more; `pending` names it.
//
//  [robust.word]  the dead owner's writes are released by the word -> whoever locks it next, in
//  glibc, acquires.
#include "sync/robust.h"

#include <linux/futex.h>
#include <pthread.h>
#include <stddef.h>

#include "base/atomic.h"
#include "os/syscall.h"

namespace goshim::sync {

namespace {

struct Head {
  uintptr_t list;
  long futex_offset;
  uintptr_t pending;
};

constexpr ptrdiff_t kLockFromNode =
    static_cast<ptrdiff_t>(offsetof(pthread_mutex_t, __data.__lock)) -
    static_cast<ptrdiff_t>(offsetof(pthread_mutex_t, __data.__list.__next));
constexpr int kLimit = 1 << 20;  // a list that was corrupted into a ring

uintptr_t address_of(uintptr_t node) { return node & ~uintptr_t{1}; }

void owner_died(uintptr_t node, int32_t tid, int32_t kernel_tid) {
  auto* word =
      reinterpret_cast<uint32_t*>(static_cast<ptrdiff_t>(address_of(node)) + kLockFromNode);
  Atomic<uint32_t>& lock = as_atomic(*word);
  uint32_t v = lock.load_relaxed();
  do {
    const auto owner = static_cast<int32_t>(v & FUTEX_TID_MASK);
    if (owner != tid && owner != kernel_tid) return;
  } while (!lock.cas_acq_rel(v, (v & FUTEX_WAITERS) | FUTEX_OWNER_DIED));  // [robust.word]
  // glibc waits for robust mutexes with shared futexes, whatever the mutex is.
  if ((v & FUTEX_WAITERS) != 0) os::sys(SYS_futex, word, FUTEX_WAKE, 1);
}

}  // namespace

void robust_list_exit(void* robust_head, int32_t tid, int32_t kernel_tid) {
  auto* head = static_cast<Head*>(robust_head);
  const auto end = reinterpret_cast<uintptr_t>(head);
  const uintptr_t pending = address_of(head->pending);
  uintptr_t node = head->list;
  for (int i = 0; address_of(node) != end && node != 0 && i < kLimit; i++) {
    const uintptr_t next = *reinterpret_cast<const uintptr_t*>(address_of(node));
    if (address_of(node) != pending) owner_died(node, tid, kernel_tid);
    node = next;
  }
  if (pending != 0) owner_died(pending, tid, kernel_tid);
  head->list = end;
  head->pending = 0;
}

}  // namespace goshim::sync
