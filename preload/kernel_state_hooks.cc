#include "preload/kernel_state.h"

#include <asm/prctl.h>
#include <linux/capability.h>
#include <sys/syscall.h>

#include "os/memory.h"
#include "preload/blocking.h"
#include "preload/signal_hooks.h"
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

}  // namespace

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
