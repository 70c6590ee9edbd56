#include "thread/thread.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
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

namespace goshim {

namespace {

constinit Slab<Thread> thread_slab;
constinit Thread main_thread;
void (*call_tls_dtors)() = nullptr;

uint32_t raw(JoinState s) { return static_cast<uint32_t>(s); }

Thread* thread_of(G* gp) {
  // Made with the first life of the G; a G without one is main.
  return gp->thread != nullptr ? gp->thread : &main_thread;
}

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
  auto* env = reinterpret_cast<struct __jmp_buf_tag*>(reinterpret_cast<void*>(buf.__cancel_jmp_buf));
  if (__sigsetjmp(env, 0) == 0) {
    __pthread_register_cancel(&buf);
    t->retval = call_start(t);
  }
  __pthread_unregister_cancel(&buf);
}

// On the G: program code from start to end.
void thread_run(G* gp) {
  Thread* t = gp->thread;
  tcb_enter_thread();
  run_start(t);
  call_tls_dtors();
  key_run_destructors();
  sync::robust_list_exit(tcb_robust_head(gp->tcb), gp->tid);
  // Main has left by pthread_exit and nobody else is there: the process ends as glibc's would.
  if (sched.gcount.fetch_sub_acq_rel(1) == 1) exit(0);  // [thread.count]
}

// On g0, after the G's last instruction.
void thread_exited(G* gp) {
  Thread* t = gp->thread;
  uint32_t s = t->join_state.load_acquire();  // [thread.join]
  for (;;) {
    if (s == raw(JoinState::kDetached)) {
      gfree(gp);
      return;
    }
    const Ticket joiner = {t->joiner.load_relaxed(), t->joiner_seq.load_relaxed()};  // relaxed: valid if the CAS succeeds in kJoining
    GS_PERTURB("thread_exited.before_publish");
    if (!t->join_state.cas_acq_rel(s, raw(JoinState::kExited))) continue;  // [thread.join]
    if (s == raw(JoinState::kJoining)) wake(joiner, Wake::kUnparked);
    return;
  }
}

int reap(G* gp, void** retval) {
  Thread* t = thread_of(gp);
  if (retval != nullptr) *retval = t->retval;
  if (t != &main_thread) gfree(gp);
  return 0;
}

bool is_free(G* gp) { return gp->get_status() == GStatus::kIdle; }

}  // namespace

const char* thread_init() {
  call_tls_dtors = reinterpret_cast<void (*)()>(dlsym(RTLD_DEFAULT, "__call_tls_dtors"));
  if (call_tls_dtors == nullptr) return "__call_tls_dtors is missing";
  thread_ops = {&thread_run, &thread_exited};
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
  // relaxed: newproc publishes all of it with the G
  t->join_state.store_relaxed(raw(attr.detached ? JoinState::kDetached : JoinState::kJoinable));
  // A new thread has its creator's name.
  G* creator = getg();
  const bool is_g = creator != nullptr && creator->kind == GKind::kNormal;
  __builtin_memcpy(t->name, is_g ? thread_of(creator)->name : main_thread.name, sizeof t->name);
  *id = gp->tcb;
  newproc(gp);
  return 0;
}

int thread_tryjoin(G* gp, void** retval) {
  if (is_free(gp)) return ESRCH;
  const uint32_t s = thread_of(gp)->join_state.load_acquire();  // [thread.join]
  if (s == raw(JoinState::kExited)) return reap(gp, retval);
  return EBUSY;  // glibc does not look whether it could ever be joined
}

int thread_join(G* gp, void** retval, int64_t deadline) {
  if (is_free(gp)) return ESRCH;
  Thread* t = thread_of(gp);
  Ticket me = park_prepare();
  uint32_t s = t->join_state.load_acquire();  // [thread.join]
  if (s == raw(JoinState::kJoinable) && gp != me.gp) {
    // Two that join each other would wait for ever.
    Thread* mine = thread_of(me.gp);
    if (mine->join_state.load_acquire() == raw(JoinState::kJoining) &&  // [thread.join]
        mine->joiner.load_relaxed() == gp) {                            // relaxed: valid in kJoining
      park_cancel(me);
      return EDEADLK;
    }
    t->joiner.store_relaxed(me.gp);       // relaxed: published by the CAS
    t->joiner_seq.store_relaxed(me.seq);  // relaxed: as above
    if (t->join_state.cas_acq_rel(s, raw(JoinState::kJoining))) {  // [thread.join]
      const Wake why = gopark(me, WaitReason::kJoin, deadline);
      s = raw(JoinState::kJoining);
      if (why != Wake::kUnparked && t->join_state.cas_acq_rel(s, raw(JoinState::kJoinable))) {  // [thread.join]
        return why == Wake::kTimeout ? ETIMEDOUT : EINTR;
      }
      return reap(gp, retval);
    }
  }
  park_cancel(me);
  if (s == raw(JoinState::kExited)) return reap(gp, retval);
  return gp == me.gp ? EDEADLK : EINVAL;  // detached, or somebody else waits for it
}

int thread_detach(G* gp) {
  if (is_free(gp)) return ESRCH;
  Thread* t = thread_of(gp);
  uint32_t s = raw(JoinState::kJoinable);
  if (t->join_state.cas_acq_rel(s, raw(JoinState::kDetached))) return 0;  // [thread.join]
  if (s == raw(JoinState::kExited)) return reap(gp, nullptr);
  return s == raw(JoinState::kDetached) ? EINVAL : 0;
}

void thread_set_result(void* retval) { thread_of(getg())->retval = retval; }

int thread_set_name(G* gp, const char* name) {
  Thread* t = thread_of(gp);
  const size_t len = strlen(name);
  if (len >= sizeof t->name) return ERANGE;
  memcpy(t->name, name, len + 1);
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

const char* thread_name(G* gp) { return thread_of(gp)->name; }

void thread_main_exited() {
  Thread* t = &main_thread;
  if (sched.gcount.fetch_sub_acq_rel(1) == 1) exit(0);  // [thread.count]
  uint32_t s = t->join_state.load_acquire();            // [thread.join]
  for (;;) {
    const Ticket joiner = {t->joiner.load_relaxed(), t->joiner_seq.load_relaxed()};  // relaxed: as in thread_exited
    if (!t->join_state.cas_acq_rel(s, raw(JoinState::kExited))) continue;  // [thread.join]
    if (s == raw(JoinState::kJoining)) wake(joiner, Wake::kUnparked);
    break;
  }
  for (;;) gopark(park_prepare(), WaitReason::kMainExited);
}

}  // namespace goshim
