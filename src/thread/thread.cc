#include "thread/thread.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "arch/amd64/tcb.h"
#include "base/perturb.h"
#include "base/slab.h"
#include "os/memory.h"
#include "sched/sched.h"
#include "sched/tls.h"
#include "sync/robust.h"
#include "thread/signal.h"
#include "thread/wiring.h"

namespace goshim {

constinit Thread main_thread;

namespace {

constinit Slab<Thread> thread_slab;
void (*call_tls_dtors)() = nullptr;

// The program's function in a frame of its own: a cleanup handler belongs to the thread only if its frame is below the
// one that registered for the forced unwind.
GS_NOINLINE void* call_start(Thread* t) {
  void* r = t->start(t->arg);
  __asm__ volatile("");  // no tail call: the frame must exist
  return r;
}

// glibc's pthread_exit and cancellation unwind to the buffer registered here and land in the other branch.
GS_NOINLINE void run_start(Thread* t) {
  __pthread_unwind_buf_t buf;
  auto* env =
      reinterpret_cast<struct __jmp_buf_tag*>(reinterpret_cast<void*>(buf.__cancel_jmp_buf));
  if (_setjmp(env) == 0) {
    __pthread_register_cancel(&buf);
    t->retval = call_start(t);
  }
  __pthread_unregister_cancel(&buf);
}

// Main has left by the system call exit(2).
constinit Atomic<bool> main_left_plainly;

// The last thread is gone: the process ends as glibc's would, with atexit handlers and status 0. If libc does not know
// that main is gone, or how this thread ends, the kernel ends it, with the last thread's status.
[[noreturn]] void end_process_plainly(int status) {
  for (;;) os::sys(SYS_exit_group, status);
}
[[noreturn]] void end_process() {
  if (main_left_plainly.load_relaxed())
    end_process_plainly(0);  // relaxed: ordered by [thread.count]
  exit(0);                   // lint: allow, because it is the program that ends
}

// What the kernel does with the address: 0 is stored if it can be, and one waiter woken.
void clear_tid(const Thread* t) {
  if (t->clear_tid == nullptr) return;
  constexpr int kSetTo0 = FUTEX_OP(FUTEX_OP_SET, 0, FUTEX_OP_CMP_EQ, -1);
  os::sys(SYS_futex, t->clear_tid, FUTEX_WAKE_OP, 1, 0, t->clear_tid, kSetTo0);
}

// On the G: program code from start to end.
void thread_run(G* gp) {
  Thread* t = gp->thread;
  tcb_enter_thread();
  if (gp->wish_noted.load_relaxed()) wiring_apply();  // relaxed: it acquires for itself
  run_start(t);
  call_tls_dtors();
  key_run_destructors();
  tcb_leave_thread();
  sync::robust_list_exit(tcb_robust_head(gp->tcb), gp->tid, gp->m->tid.load_relaxed());
  clear_tid(t);
  // A child forked by this thread: it is main there.
  if (getg() != gp) thread_main_exited();
  // Main has left by pthread_exit and nobody else is there.
  if (sched.gcount.fetch_sub_acq_rel(1) == 1) end_process();  // [thread.count]
  signals_end_g();
  tcb_renew_libc(gp->tcb);
}

G* thread_joiner(G* gp) { return join_claim_joiner(gp->thread); }

// After the G's last instruction.
void thread_exited(G* gp) {
  if (join_ended(gp->thread)) gfree(gp);
}

}  // namespace

Thread* thread_of(G* gp) {
  // Made with the first life of the G; a G without one is main.
  return gp->thread != nullptr ? gp->thread : &main_thread;
}

const char* thread_init() {
  call_tls_dtors = reinterpret_cast<void (*)()>(dlsym(RTLD_DEFAULT, "__call_tls_dtors"));
  if (call_tls_dtors == nullptr) return "__call_tls_dtors is missing";
  thread_ops = {&thread_run, &wiring_apply, &thread_joiner, &thread_exited};
  os::sys(SYS_prctl, PR_GET_NAME, static_cast<char*>(main_thread.name), 0, 0, 0);
  return nullptr;
}

int thread_create(void** id, const ThreadAttr& attr, void* (*start)(void*), void* arg) {
  G* gp = attr.stack_lo != nullptr ? gnew_user_stack(attr.stack_lo, attr.stack_size)
                                   : gnew(attr.stack_size, attr.guard_size);
  if (gp == nullptr) return EAGAIN;
  if (gp->thread == nullptr) gp->thread = thread_slab.alloc();
  Thread* t = gp->thread;
  if (t == nullptr) {
    gfree(gp);
    return EAGAIN;
  }
  t->start = start;
  t->arg = arg;
  t->user_stack = attr.stack_lo != nullptr;
  t->guard = attr.guard_size;
  t->retval = nullptr;
  t->clear_tid = nullptr;
  gp->cpu_counted.store_relaxed(false);
  gp->cancel.store_relaxed(0);
  // relaxed: newproc publishes all of it with the G
  t->join_word.store_relaxed(
      static_cast<uint32_t>(attr.detached ? JoinState::kDetached : JoinState::kJoinable));
  // A new thread has its creator's name.
  G* creator = getg();
  __builtin_memcpy(
      t->name,
      creator != nullptr && has_signals(creator) ? thread_of(creator)->name : main_thread.name,
      sizeof t->name);
  if (GS_UNLIKELY(attr.name != nullptr)) {
    strncpy(t->name, attr.name, sizeof t->name - 1);
    t->name[sizeof t->name - 1] = '\0';
  }
  gp->os_thread_locks = 0;
  gp->wired_by_lock = false;
  if (attr.wish != nullptr) {
    wish_for(gp, *attr.wish);
  } else {
    inherit_wish(gp);
  }
  wire_by_name(gp, t->name);
  signals_new_g(gp, attr.has_sigmask ? &attr.sigmask : nullptr);
  *id = gp->tcb;
  // A thread has what the kernel keeps for its creator. If nothing else can give it that, it is a copy of it.
  if (GS_LIKELY(creator == nullptr || creator->kind != GKind::kWired || !creator->m->odd)) {
    newproc(gp);
    return 0;
  }
  if (newproc_wired(gp)) return 0;
  signals_drop_g(gp);
  gfree(gp);
  return EAGAIN;
}

void thread_set_result(void* retval) { thread_of(getg())->retval = retval; }

int thread_set_name(G* gp, const char* name) {
  Thread* t = thread_of(gp);
  const size_t len = strlen(name);
  if (len >= sizeof t->name) return ERANGE;
  memcpy(t->name, name, len + 1);
  wire_by_name(gp, name);
  if (t == &main_thread) {
    // The process's own name, wherever main runs now: it is that of the first kernel thread.
    const long fd = os::sys(SYS_openat, AT_FDCWD, "/proc/self/comm", O_WRONLY | O_CLOEXEC, 0);
    if (fd >= 0) {
      os::sys(SYS_write, fd, name, len);
      os::sys(SYS_close, fd);
    }
  }
  return 0;
}

void thread_exit_plain(int status) {
  G* gp = getg();
  sync::robust_list_exit(tcb_robust_head(gp->tcb), gp->tid, gp->m->tid.load_relaxed());
  if (gp->goid == 1) {
    main_left_plainly.store_relaxed(true);  // relaxed: the count publishes it
    if (sched.gcount.load_relaxed() == 1)
      end_process_plainly(status);  // relaxed: nobody else can add to it
    thread_main_exited();
  }
  clear_tid(thread_of(gp));
  if (sched.gcount.fetch_sub_acq_rel(1) == 1) end_process_plainly(status);  // [thread.count]
  signals_end_g();
  tcb_renew_libc(gp->tcb);  // libc was not told: what it kept is lost
  goexit();
}

void thread_after_fork_child() {
  main_left_plainly.store_relaxed(false);
  thread_slab.reset_after_fork();
  new (&main_thread) Thread();
}

void* thread_tid_address(G* gp) {
  uint32_t* set = thread_of(gp)->clear_tid;
  return set != nullptr ? set : static_cast<void*>(static_cast<char*>(gp->tcb) + tcb_tid_offset);
}

const char* thread_name(G* gp) { return thread_of(gp)->name; }

void thread_main_exited() {
  Thread* t = &main_thread;
  clear_tid(t);
  if (!started() || sched.gcount.fetch_sub_acq_rel(1) == 1) end_process();  // [thread.count]
  signals_end_g();
  join_ended(t);
  for (;;) gopark(park_prepare(), WaitReason::kMainExited);
}

}  // namespace goshim
