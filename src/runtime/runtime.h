// Start of the runtime: inert until the first pthread_create.
#pragma once

#include <pthread.h>

namespace goshim {

using PthreadCreate = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);

// Sets everything up, once, on the thread that creates the first other thread. True: Gs can be made. False: this
// process stays 1:1 (disabled, or unknown libc; said on stderr once). `real_create` is libc's own.
bool runtime_start(PthreadCreate real_create);

}  // namespace goshim
