// Goroutines of the API: started, counted, tied to a kernel thread.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace goshim::chan {

// 0 or an error number. Where the runtime cannot start, a kernel thread does it.
int go(void (*fn)(void*), void* arg, const char* name, size_t stack_size);

// For ops.kernel_thread: such a thread has ended.
void kernel_thread_ended();

uint64_t goid();
int num_goroutine();

// Sets the number of Ps unless n < 1. What it was before, or -ENOMEM.
int gomaxprocs(int n);

// Nested; see GOSHIM_API goshim_lock_os_thread.
void lock_os_thread();
void unlock_os_thread();

void gosleep_for(int64_t ns);

}  // namespace goshim::chan
