// The exported `read` and the one that libc calls itself are the same address. A jump at that
// address to our hook makes fgets, getaddrinfo, syslog, ... park as the program's own calls do.
//
// Nothing is kept of the old body: from then on (libc_patched) the hooks make the system calls
// themselves, and never call real.X of a row below.
//
// A row needs: a hook that obeys libc_patched; a function that is one system call, or none (raise); one that
// posix_spawn does not call in its child, which has this process's memory and thread (so not close,
// open, dup2, fcntl, sigaction). nanosleep and waitpid are not here: they call clock_nanosleep and
// wait4.
#include "preload/patch.h"

#include <gnu/libc-version.h>
#include <string.h>
#include <sys/mman.h>

#include "arch/amd64/redirect.h"
#include "base/debugvars.h"
#include "base/log.h"
#include "base/patch_stats.h"
#include "os/elf.h"
#include "os/memory.h"
#include "os/proc_self.h"
#include "preload/blocking.h"

namespace goshim {

namespace {

struct Row {
  const char* name;
  int32_t numbers[kNumbers];  // -1 alone: the function makes no system call itself
  const void* hook;
};

#define ROW(name, ...) \
  { #name, {__VA_ARGS__ }, reinterpret_cast < const void*>(&hook_##name) }
#define ROW_AS(name, hook, ...) \
  { #name, {__VA_ARGS__ }, reinterpret_cast < const void*>(&hook_##hook) }
const Row kRows[] = {
    ROW(read, SYS_read, -1),
    ROW(write, SYS_write, -1),
    ROW(readv, SYS_readv, -1),
    ROW(writev, SYS_writev, -1),
    ROW_AS(pread64, pread, SYS_pread64, -1),
    ROW_AS(pwrite64, pwrite, SYS_pwrite64, -1),
    ROW(preadv, SYS_preadv, -1),
    ROW(pwritev, SYS_pwritev, -1),
    ROW(recv, SYS_recvfrom, -1),
    ROW(recvfrom, SYS_recvfrom, -1),
    ROW(recvmsg, SYS_recvmsg, -1),
    ROW(recvmmsg, SYS_recvmmsg, -1),
    ROW(send, SYS_sendto, -1),
    ROW(sendto, SYS_sendto, -1),
    ROW(sendmsg, SYS_sendmsg, -1),
    ROW(sendmmsg, SYS_sendmmsg, -1),
    ROW(connect, SYS_connect, -1),
    ROW(accept, SYS_accept, SYS_accept4),
    ROW(accept4, SYS_accept4, -1),
    ROW(poll, SYS_poll, SYS_ppoll),
    ROW(ppoll, SYS_ppoll, -1),
    ROW(select, SYS_select, SYS_pselect6),
    ROW(pselect, SYS_pselect6, -1),
    ROW(epoll_wait, SYS_epoll_wait, SYS_epoll_pwait),
    ROW(epoll_pwait, SYS_epoll_pwait, -1),
    ROW(epoll_pwait2, SYS_epoll_pwait2, -1),
    ROW(clock_nanosleep, SYS_clock_nanosleep, -1),
    ROW(splice, SYS_splice, -1),
    ROW(sendfile, SYS_sendfile, -1),
    ROW(fsync, SYS_fsync, -1),
    ROW(fdatasync, SYS_fdatasync, -1),
    ROW(flock, SYS_flock, -1),
    ROW(msgrcv, SYS_msgrcv, -1),
    ROW(msgsnd, SYS_msgsnd, -1),
    ROW(semtimedop, SYS_semtimedop, -1),
    ROW(wait4, SYS_wait4, -1),
    ROW(waitid, SYS_waitid, -1),
};
// abort() begins with it since 2.41, which finds all signals blocked on an M. Earlier ones first open SIGABRT there.
constexpr const char* kAbortRaisesSince = "2.41";
const Row kRaise = ROW(raise, -1, -1);
#undef ROW
#undef ROW_AS
constexpr size_t kRowCount = sizeof kRows / sizeof kRows[0] + 1;

// Used once, by the only thread.
constinit Redirect plans[kRowCount];

// Whether there is a plan at `to`.
bool plan(const os::ElfImage& libc, const Row& row, Redirect* to) {
  const os::ElfFunction f = libc.find(row.name);
  if (f.entry == nullptr) {
    patch_stats.unknown++;
    if (log_verbose()) Log() << "libc: no " << row.name << " to redirect";
    return false;
  }
  const Shape wanted = row.numbers[0] < 0 ? Shape::kNoCall : Shape::kGood;
  const Shape shape = plan_redirect(f.entry, f.size, row.numbers, row.hook, to);
  if (shape == wanted) return true;
  patch_stats.refused++;
  if (log_verbose())
    Log() << "libc: " << row.name << " is left alone: it has " << shape_name(shape);
  return false;
}

int plan_all(const os::ElfImage& libc) {
  int n = 0;
  for (const Row& row : kRows) n += plan(libc, row, &plans[n]);
  if (strverscmp(gnu_get_libc_version(), kAbortRaisesSince) >= 0)
    n += plan(libc, kRaise, &plans[n]);
  return n;
}

// Writable and executable only for the moment. 0 or -errno.
long write_all(int n) {
  uintptr_t lo = UINTPTR_MAX;
  uintptr_t hi = 0;
  for (int i = 0; i < n; i++) {
    const auto at = reinterpret_cast<uintptr_t>(plans[i].at);
    if (at < lo) lo = at;
    if (at + plans[i].len > hi) hi = at + plans[i].len;
  }
  lo &= ~(os::kPage - 1);
  const size_t size = os::round_up(hi - lo, os::kPage);
  // A handler may call what is half written.
  uint64_t all = ~0ull;
  uint64_t old = 0;
  os::sys(SYS_rt_sigprocmask, SIG_SETMASK, &all, &old, sizeof all);
  const long err = os::sys(SYS_mprotect, lo, size, PROT_READ | PROT_WRITE | PROT_EXEC);
  if (err == 0) {
    for (int i = 0; i < n; i++) apply_redirect(plans[i]);
    libc_patched = true;
    if (os::sys(SYS_mprotect, lo, size, PROT_READ | PROT_EXEC) != 0 && log_verbose()) {
      Log() << "libc's text stays writable";
    }
  }
  os::sys(SYS_rt_sigprocmask, SIG_SETMASK, &old, nullptr, sizeof old);
  return err;
}

bool is_alone() {
  const int tasks = os::count_tasks();
  if (tasks == 1) return true;
  if (!log_verbose()) return false;
  if (tasks < 0) {
    Log() << "libc is not redirected: /proc does not tell the threads, error " << -tasks;
  } else {
    Log() << "libc is not redirected: there are " << tasks << " threads already";
  }
  return false;
}

}  // namespace

void patch_libc() {
  static bool done = false;
  if (done || disabled() || !options.patch || !is_alone()) return;
  done = true;
  os::ElfImage libc;
  if (!os::elf_image_of(reinterpret_cast<const void*>(&gnu_get_libc_version), &libc)) {
    if (log_verbose()) Log() << "libc is not redirected: its symbols cannot be read";
    return;
  }
  const int n = plan_all(libc);
  if (n == 0) return;
  const long err = write_all(n);
  if (err == 0) {
    patch_stats.patched = n;
  } else {
    patch_stats.refused += n;
  }
  if (!log_verbose()) return;
  if (err != 0) Log() << "libc is not redirected: mprotect gives error " << -err;
  Log() << "libc: " << patch_stats.patched << " entries redirected, " << patch_stats.refused
        << " left alone, " << patch_stats.unknown << " not found";
}

}  // namespace goshim
