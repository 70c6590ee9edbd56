#include "preload/kernel_state.h"

#include <asm/prctl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include "os/memory.h"
#include "preload/blocking.h"
#include "preload/signal_hooks.h"
#include "runtime/runtime.h"
#include "sched/tls.h"

namespace goshim {

namespace {

// Per-thread settings of prctl(); what is not listed belongs to the process, or only asks.
bool prctl_changes_thread(long option) {
  switch (option) {
    case PR_SET_PDEATHSIG:
    case PR_SET_KEEPCAPS:
    case PR_SET_FPEMU:
    case PR_SET_FPEXC:
    case PR_SET_TIMING:
    case PR_SET_ENDIAN:
    case PR_SET_UNALIGN:
    case PR_SET_SECCOMP:
    case PR_CAPBSET_DROP:
    case PR_SET_TSC:
    case PR_SET_SECUREBITS:
    case PR_SET_TIMERSLACK:
    case PR_TASK_PERF_EVENTS_DISABLE:
    case PR_TASK_PERF_EVENTS_ENABLE:
    case PR_MCE_KILL:
    case PR_SET_NO_NEW_PRIVS:
    case PR_CAP_AMBIENT:
    case PR_SET_SPECULATION_CTRL:
    case PR_SET_IO_FLUSHER:
    case PR_SET_SYSCALL_USER_DISPATCH:
    case PR_SCHED_CORE:
      return true;
    default:
      return false;
  }
}

// A system call that is not on its list ends the process, or is told to somebody, instead of failing.
bool is_deadly(const sock_fprog* filter) {
  for (unsigned i = 0; i < filter->len; i++) {
    const sock_filter& op = filter->filter[i];
    if (BPF_CLASS(op.code) != BPF_RET) continue;
    const unsigned action = op.k & SECCOMP_RET_ACTION_FULL;
    const bool mild =
        action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG || action == SECCOMP_RET_ERRNO;
    if (BPF_RVAL(op.code) != BPF_K || !mild) return true;
  }
  return false;
}

}  // namespace

// Browsers' sandboxes list the system calls that libc's threads make; ours make others. A filter of errors alone we can
// live with: what is refused is done otherwise.
void seccomp_was_set(const void* filter) {
  if (filter == nullptr || is_deadly(static_cast<const sock_fprog*>(filter))) runtime_stay_out();
}

bool changes_thread(long nr, long first) {
  switch (nr) {
    case SYS_prctl:
      return prctl_changes_thread(first);
    case SYS_arch_prctl:
      return first != ARCH_GET_FS && first != ARCH_GET_GS && first != ARCH_GET_CPUID;
    case SYS_personality:
      return static_cast<unsigned long>(first) != kAskPersonality;
    // Samba and NFS servers make these for one thread, past libc.
    case SYS_setuid:
    case SYS_setgid:
    case SYS_setreuid:
    case SYS_setregid:
    case SYS_setresuid:
    case SYS_setresgid:
    case SYS_setgroups:
    case SYS_setfsuid:
    case SYS_setfsgid:
    case SYS_capset:
    case SYS_setns:
    case SYS_unshare:
    case SYS_seccomp:
    case SYS_ptrace:
    case SYS_keyctl:
    case SYS_pkey_alloc:
    case SYS_landlock_restrict_self:
    case SYS_set_mempolicy:
      return true;
    default:
      return false;
  }
}

CapHeader::CapHeader(void* header) : own_(), used_(header) {
  if (header == nullptr) return;
  __builtin_memcpy(&own_, header, sizeof own_);
  G* gp = own_.pid != 0 ? signal_g_of_tid(own_.pid) : nullptr;
  // The kernel writes the version it knows into a header with another one.
  if (gp == nullptr || own_.version != _LINUX_CAPABILITY_VERSION_3) return;
  // One that is not wired has what all have.
  own_.pid = gp != getg() && gp->kind == GKind::kWired ? gp->m->tid.load_relaxed() : 0;
  used_ = &own_;
}

int init_groups(const char* user, gid_t group) {
  constexpr int kMost = 65536;  // NGROUPS_MAX
  constexpr size_t kSize = kMost * sizeof(gid_t);
  auto* list = static_cast<gid_t*>(os::map_pages(kSize));
  if (list == nullptr) return result<int>(-ENOMEM);
  int n = kMost;
  getgrouplist(user, group, list, &n);
  const int r = hook_setgroups(static_cast<size_t>(n < kMost ? n : kMost), list);
  os::unmap(list, kSize);
  return r;
}

}  // namespace goshim
