// The one thread-local variable of the runtime.
#pragma once

#include "sched/g.h"

namespace goshim {

// The G this thread of execution is: a G's own, an M's g0, a foreign thread's, or null (before start; a kernel thread
// that never had to wait). Each TCB has its own copy, so it follows the G across Ms by itself.
extern thread_local constinit G* tls_g
    __attribute__((tls_model("initial-exec"), visibility("hidden")));

inline G* getg() { return tls_g; }

// A G that parks in user space: not null, foreign or wired.
inline bool is_normal(const G* gp) { return gp != nullptr && gp->kind == GKind::kNormal; }

// One that has a kernel thread for itself.
inline bool is_wired(const G* gp) { return gp != nullptr && gp->kind == GKind::kWired; }

// The M of a normal G or a g0. Not to be kept across anything that may park.
inline M* getm() { return tls_g->m; }

// A program's pthread_t is its TCB; tls_g of another thread lies at the same offset from it.
const void* tls_g_of_tcb(const void* tcb);  // where it lies
G* g_of_tcb(void* tcb);
void set_g_of_tcb(void* tcb, G* gp);

}  // namespace goshim
