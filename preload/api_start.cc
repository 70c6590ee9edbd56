#include "preload/api_start.h"

#include <pthread.h>

#include "base/debugvars.h"
#include "chan/alloc.h"
#include "chan/goroutine.h"
#include "chan/hchan.h"
#include "os/clock.h"
#include "preload/real.h"
#include "preload/thread_hooks.h"

namespace goshim {

namespace {

struct Start {
  void (*fn)(void*);
  void* arg;
};

void ended(void*) { chan::kernel_thread_ended(); }

void* run(void* p) {
  const Start s = *static_cast<Start*>(p);
  chan::release(p, sizeof(Start));
  // By pthread_exit too.
  pthread_cleanup_push(&ended, nullptr);
  s.fn(s.arg);
  pthread_cleanup_pop(1);
  return nullptr;
}

int kernel_thread(void (*fn)(void*), void* arg, size_t stack_size) {
  auto* s = chan::make<Start>();
  if (s == nullptr) return EAGAIN;
  *s = {fn, arg};
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  if (stack_size >= static_cast<size_t>(PTHREAD_STACK_MIN))
    pthread_attr_setstacksize(&attr, stack_size);
  pthread_t id;
  const int err = real.pthread_create(&id, &attr, &run, s);
  pthread_attr_destroy(&attr);
  if (err != 0) chan::release(s, sizeof(Start));
  return err;
}

bool start() { return !disabled() && start_for(nullptr); }

}  // namespace

void api_init() { chan::ops = {&start, &kernel_thread}; }

}  // namespace goshim
