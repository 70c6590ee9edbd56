// What the kernel keeps for each thread. Credentials are the process's for POSIX: they reach all threads. Everything else
// makes the caller a kernel thread of its own first.
#include <linux/capability.h>
#include <linux/seccomp.h>

#include "preload/blocking.h"
#include "preload/kernel_state.h"
#include "thread/setxid.h"

using namespace goshim;

// ---- credentials ----

GOSHIM_HOOK(int, setuid)(uid_t id) {
  return credentials([&] { return real.setuid(id); }, SYS_setuid, id);
}

GOSHIM_HOOK(int, setgid)(gid_t id) {
  return credentials([&] { return real.setgid(id); }, SYS_setgid, id);
}

GOSHIM_HOOK(int, seteuid)(uid_t id) {
  return credentials([&] { return real.seteuid(id); }, SYS_setresuid, kSameId, id, kSameId);
}

GOSHIM_HOOK(int, setegid)(gid_t id) {
  return credentials([&] { return real.setegid(id); }, SYS_setresgid, kSameId, id, kSameId);
}

GOSHIM_HOOK(int, setreuid)(uid_t real_id, uid_t effective) {
  return credentials([&] { return real.setreuid(real_id, effective); }, SYS_setreuid, real_id,
                     effective);
}

GOSHIM_HOOK(int, setregid)(gid_t real_id, gid_t effective) {
  return credentials([&] { return real.setregid(real_id, effective); }, SYS_setregid, real_id,
                     effective);
}

GOSHIM_HOOK(int, setresuid)(uid_t real_id, uid_t effective, uid_t saved) {
  return credentials([&] { return real.setresuid(real_id, effective, saved); }, SYS_setresuid,
                     real_id, effective, saved);
}

GOSHIM_HOOK(int, setresgid)(gid_t real_id, gid_t effective, gid_t saved) {
  return credentials([&] { return real.setresgid(real_id, effective, saved); }, SYS_setresgid,
                     real_id, effective, saved);
}

GOSHIM_HOOK(int, setgroups)(size_t n, const gid_t* groups) {
  return credentials([&] { return real.setgroups(n, groups); }, SYS_setgroups, static_cast<long>(n),
                     reinterpret_cast<long>(groups));
}

GOSHIM_HOOK(int, initgroups)(const char* user, gid_t group) {
  return has_threads() ? init_groups(user, group) : real.initgroups(user, group);
}

// ---- the caller's own ----

GOSHIM_HOOK(int, setfsuid)(uid_t id) {
  wire_for_kernel_state();
  return real.setfsuid(id);
}

GOSHIM_HOOK(int, setfsgid)(gid_t id) {
  wire_for_kernel_state();
  return real.setfsgid(id);
}

GOSHIM_HOOK(int, setns)(int fd, int type) {
  wire_for_kernel_state();
  return real.setns(fd, type);
}

GOSHIM_HOOK(int, unshare)(int flags) {
  wire_for_kernel_state();
  return real.unshare(flags);
}

GOSHIM_HOOK(int, personality)(unsigned long persona) {
  if (persona != kAskPersonality) wire_for_kernel_state();
  return real.personality(persona);
}

GOSHIM_HOOK(int, capset)(void* header, const void* data) {
  wire_for_kernel_state();
  CapHeader own(header);
  return real.capset(own.get(), data);
}

GOSHIM_HOOK(int, capget)(void* header, void* data) {
  CapHeader own(header);
  return real.capget(own.get(), data);
}

GOSHIM_HOOK(int, arch_prctl)(int code, unsigned long address) {
  if (changes_thread(SYS_arch_prctl, code)) wire_for_kernel_state();
  return real.arch_prctl(code, address);
}
GOSHIM_EXPORT_AS(__arch_prctl, arch_prctl);

// The kernel knows one thread as the tracer.
GOSHIM_HOOK(long, ptrace)(enum __ptrace_request request, long pid, long address, long data) {
  wire_for_kernel_state();
  return real.ptrace(request, pid, address, data);
}

// A register that is switched with kernel threads only.
GOSHIM_HOOK(int, pkey_alloc)(unsigned flags, unsigned rights) {
  wire_for_kernel_state();
  return real.pkey_alloc(flags, rights);
}

GOSHIM_HOOK(int, pkey_set)(int key, unsigned rights) {
  wire_for_kernel_state();
  return real.pkey_set(key, rights);
}

GOSHIM_HOOK(int, prctl)
(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
  int r = 0;
  if (prctl_on_thread(option, reinterpret_cast<void*>(a), &r)) return r;
  if (changes_thread(SYS_prctl, option)) wire_for_kernel_state();
  r = real.prctl(option, a, b, c, d);
  if (option == PR_SET_SECCOMP && r == 0)
    seccomp_was_set(a == SECCOMP_MODE_FILTER ? reinterpret_cast<void*>(b) : nullptr);
  return r;
}
