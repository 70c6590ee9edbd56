#include "runtime/runtime.h"

#include <errno.h>
#include <signal.h>

#include "arch/amd64/fsbase.h"
#include "arch/amd64/tcb.h"
#include "base/check.h"
#include "base/debugvars.h"
#include "base/log.h"
#include "chan/panic.h"
#include "netpoll/file_ring.h"
#include "netpoll/netpoll.h"
#include "os/clock.h"
#include "os/elf.h"
#include "os/memory.h"
#include "runtime/fork.h"
#include "sched/deadlock.h"
#include "sched/sched.h"
#include "sched/sysmon.h"
#include "sched/task_state.h"
#include "sched/tls.h"
#include "sched/trace.h"
#include "thread/setxid.h"
#include "thread/signal.h"
#include "thread/thread.h"
#include "thread/wiring.h"
#include "trace/ring.h"

namespace goshim {

namespace {

enum class Start : uint32_t { kNo, kBusy, kYes, kFailed };
constinit Atomic<uint32_t> state;  // [runtime.start] the starter releases -> later creators acquire

Start get_state() { return static_cast<Start>(state.load_acquire()); }      // [runtime.start]
void set_state(Start s) { state.store_release(static_cast<uint32_t>(s)); }  // [runtime.start]

void* task_state_thread(void*) { task_state_main(); }

void* sysmon_thread(void*) { sysmon_main(); }

void* sigm_thread(void*) { sigm_main(); }

// sysmon, sigm and who asks /proc are threads that libc makes for us: with them libc knows that it is not alone (its
// locks lock, stdio and malloc leave their single-thread paths) and setuid() and the like reach threads they can wait
// for. They inherit a mask in which all the program's signals are blocked.
const char* start_helper(PthreadCreate real_create, void* (*fn)(void*)) {
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  // glibc takes static TLS out of the stack, and a program may have much of it.
  pthread_attr_setstacksize(&attr, (64 << 10) + os::round_up(tls_block_size(), os::kPage));
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  pthread_t id;
  const int err = real_create(&id, &attr, fn, nullptr);
  pthread_attr_destroy(&attr);
  return err == 0 ? nullptr : "the kernel gives no thread for sysmon, sigm and who asks /proc";
}

const char* start_helpers(PthreadCreate real_create) {
  if (const char* why = signals_init()) return why;
  signals_shut();
  const char* why = start_helper(real_create, &task_state_thread);
  if (why == nullptr) why = start_helper(real_create, &sysmon_thread);
  if (why == nullptr) why = start_helper(real_create, &sigm_thread);
  signals_open();
  return why;
}

constexpr const char* kLibrary = "libgoshim.so";

// Beside the Ms: the three above, and the ring's.
int helpers() { return 3 + file_ring_threads(); }

const char* start(PthreadCreate real_create, void (*before_threads)()) {
  fsbase_init(debug.fsgsbase != 0);
  if (!have_fsgsbase && log_verbose())
    Log() << "no fsgsbase: switching threads costs a system call";
  os::guard_by_mprotect = debug.guard == 0;
  if (const char* why = tcb_init()) return why;
  if (const char* why = thread_init()) return why;
  fatal_dump = &dump_all;

  if (debug.deadlock == 1 || (debug.deadlock == 2 && os::program_needs(kLibrary)))
    deadlock_ops = {&helpers, &netpoll_timers, &chan::print_stack};
  if (options.trace) trace::control.on.store_relaxed(1);
  const int procs = procs_wanted();
  const bool is_main = os::gettid() == os::getpid();
  if (const char* why = schedinit(procs, is_main)) return why;
  if (is_main) GS_TRACE(trace_m(), go_start, getg()->goid, static_cast<uint64_t>(trace_m()->p->id));
  if (before_threads != nullptr) before_threads();
  // Now and not at the first wait: once there are threads, a table of fds that must grow for the
  // poller's costs the kernel an RCU grace period of 10 ms and more, with everybody behind its lock.
  if (is_main) netpoll_ready();
  if (const char* why = start_helpers(real_create)) return why;
  setxid_init(is_main);
  fork_watch_start();
  sched.started.store_release(1);  // [sched.started]
  if (is_main) wire_main(getg());
  return nullptr;
}

}  // namespace

bool runtime_start(PthreadCreate real_create, void (*before_threads)()) {
  Start s = get_state();
  if (GS_LIKELY(s == Start::kYes)) {
    if (GS_LIKELY(!fork_unseen())) return true;
    runtime_after_fork_child();
    s = Start::kNo;
  }
  if (s == Start::kFailed) return false;
  uint32_t no = static_cast<uint32_t>(Start::kNo);
  if (!state.cas_acquire(no, static_cast<uint32_t>(Start::kBusy))) {  // [runtime.start]
    // Two threads that we did not make create their first at once.
    while ((s = get_state()) == Start::kBusy) os::sys(SYS_sched_yield);
    return s == Start::kYes;
  }
  const char* why = start(real_create, before_threads);
  if (why != nullptr) {
    Log() << why << "; threads stay kernel threads";
    set_state(Start::kFailed);
    return false;
  }
  set_state(Start::kYes);
  return true;
}

void runtime_stay_out() {
  uint32_t no = static_cast<uint32_t>(Start::kNo);
  if (state.cas_acquire(no, static_cast<uint32_t>(Start::kFailed)) &&
      log_verbose())  // [runtime.start]
    Log() << "this process filters its system calls; threads stay kernel threads";
}

bool runtime_forget() {
  const Start s = get_state();
  if (s != Start::kYes && s != Start::kBusy) return false;
  set_state(Start::kNo);
  return true;
}

}  // namespace goshim
