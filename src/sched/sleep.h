// Sleeping as the C library's calls define it; results are 0 or -errno. Never early, never
// restarted after a handler.
#pragma once

#include <stdint.h>
#include <time.h>

namespace goshim {

// On -EINTR `left` (unless null) gets the time that remains.
long sleep_for(int64_t ns, int64_t* left);

long sleep_nano(const timespec* req, timespec* rem);
// block_x: the same in the kernel.
long sleep_us(unsigned us);
long block_us(unsigned us);
// The whole seconds that remain.
unsigned sleep_seconds(unsigned seconds);
// As clock_nanosleep: 0 or the error number.
int sleep_clock(clockid_t clock, int flags, const timespec* req, timespec* rem);
int block_clock(clockid_t clock, int flags, const timespec* req, timespec* rem);
// As thrd_sleep: 0, -1 when interrupted, -2.
int sleep_c11(const timespec* req, timespec* rem);

}  // namespace goshim
