// Starts goshim's runtime in a unit or stress program, which links the core and is not preloaded:
// the program's own pthread_create stays libc's, and makes foreign threads.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>

#include <pthread.h>

#include "arch/amd64/tcb.h"
#include "base/debugvars.h"
#include "os/clock.h"
#include "runtime/runtime.h"
#include "sched/sched.h"
#include "sched/tls.h"
#include "thread/thread.h"

namespace goshim::test {

// The calling thread, the process's first, becomes the first G. GOSHIM_MAXPROCS and the rest count.
inline void start_runtime() {
  os::clock_init();
  options_init();
  if (!runtime_start(&pthread_create)) {
    std::fprintf(stderr, "the runtime does not start\n");
    std::exit(77);
  }
}

// Frames under a sanitizer are large, and so is its thread-local storage.
inline ThreadAttr default_attr() {
  ThreadAttr attr = {};
  attr.stack_size = (256 << 10) + tls_block_size();
  attr.guard_size = 4096;
  return attr;
}

using GBody = void* (*)(void*);

// Starts a G; the process ends if it cannot.
inline G* go(GBody body, void* arg, bool detached = false) {
  ThreadAttr attr = default_attr();
  attr.detached = detached;
  void* id = nullptr;
  if (int err = thread_create(&id, attr, body, arg); err != 0) {
    std::fprintf(stderr, "thread_create: %d\n", err);
    std::abort();
  }
  return g_of_tcb(id);
}

inline void* join(G* gp) {
  void* result = nullptr;
  if (int err = thread_join(gp, &result, kNever); err != 0) {
    std::fprintf(stderr, "thread_join: %d\n", err);
    std::abort();
  }
  return result;
}

// A kernel thread that the runtime knows nothing of.
inline pthread_t kernel_thread(GBody body, void* arg) {
  pthread_t id;
  if (int err = pthread_create(&id, nullptr, body, arg); err != 0) {
    std::fprintf(stderr, "pthread_create: %d\n", err);
    std::abort();
  }
  return id;
}

}  // namespace goshim::test
