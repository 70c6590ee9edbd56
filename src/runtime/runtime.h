// Start of the runtime: inert until the first pthread_create.
#pragma once

#include <pthread.h>

namespace goshim {

using PthreadCreate = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);

// Sets everything up, once, on the thread that creates the first other thread. True: Gs can be
// made. False: this process stays 1:1 (disabled, or unknown libc; said on stderr once).
// `real_create` is libc's own; `before_threads` is called when nothing can fail but threads, and
// none has been made.
bool runtime_start(PthreadCreate real_create, void (*before_threads)() = nullptr);

// For a process that must stay 1:1 from here on. Nothing when it has started already.
void runtime_stay_out();

// In a fork child: nothing has been started. False if nothing had been.
bool runtime_forget();

}  // namespace goshim
