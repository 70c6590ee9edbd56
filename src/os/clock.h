// Time, through the vDSO (no system call, no TLS).
#pragma once

#include <stdint.h>
#include <time.h>

namespace goshim::os {

// Finds the vDSO's function; until then the system call serves. Called by the constructor.
void clock_init();

// CLOCK_MONOTONIC in ns.
int64_t nanotime();

// Any clock in ns; INT64_MIN if the clock id is invalid.
int64_t clock_ns(clockid_t id);

// The kernel's id of a thread's CPU clock: ~tid, then "per thread" and "as the scheduler counts".
inline clockid_t thread_cpu_clock(int32_t tid) {
  return static_cast<clockid_t>((~static_cast<uint32_t>(tid) << 3) | 6);
}

// Raw clock_gettime: 0 or -errno.
int clock_get(clockid_t id, timespec* ts);

constexpr int64_t kSecond = 1000000000;

// timespec -> ns, saturating at INT64_MAX; pre: 0 <= tv_nsec < 1e9.
inline int64_t to_ns(const timespec& ts) {
  if (ts.tv_sec >= INT64_MAX / kSecond - 1) return INT64_MAX;
  return static_cast<int64_t>(ts.tv_sec) * kSecond + ts.tv_nsec;
}
inline bool valid(const timespec& ts) { return ts.tv_nsec >= 0 && ts.tv_nsec < kSecond; }
// What the kernel takes as a timeout; not every wait of libc's wants as much of a point in time.
inline bool valid_timeout(const timespec& ts) { return ts.tv_sec >= 0 && valid(ts); }
// Null is no timeout: valid.
inline bool valid_timeout(const timespec* ts) { return ts == nullptr || valid_timeout(*ts); }

}  // namespace goshim::os
