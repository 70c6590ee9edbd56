#include "arch/amd64/thread_freeres.h"

#include <stddef.h>
#include <string.h>

namespace goshim {

namespace {

constexpr ptrdiff_t kCall = 5;       // bytes: opcode, displacement
constexpr ptrdiff_t kCountDown = 8;  // the longer form of the locked instruction
constexpr ptrdiff_t kBetween =
    96;  // from the last call to that instruction; 31 to 54 have been seen
constexpr ptrdiff_t kWhole = 3 * kCall + kBetween + kCountDown;

const uint8_t* relative(const uint8_t* next, const uint8_t* displacement) {
  int32_t away;
  memcpy(&away, displacement, sizeof away);
  return next + away;
}

// nullptr: no direct call.
const uint8_t* target_of_call(const uint8_t* p) {
  return *p == 0xe8 ? relative(p + kCall, p + 1) : nullptr;
}

bool counts_down(const uint8_t* p, const void* counter) {
  if (p[0] != 0xf0) return false;
  if (p[1] == 0xff && p[2] == 0x0d) return relative(p + 7, p + 3) == counter;
  return p[1] == 0x83 && p[2] == 0x2d && p[7] == 1 && relative(p + 8, p + 3) == counter;
}

bool counts_down_soon(const uint8_t* p, const void* counter) {
  for (ptrdiff_t i = 0; i < kBetween; i++) {
    if (counts_down(p + i, counter)) return true;
  }
  return false;
}

}  // namespace

ThreadFreeres find_thread_freeres(const uint8_t* lo, const uint8_t* hi, const void* call_tls_dtors,
                                  const void* nthreads) {
  const uint8_t* found = nullptr;
  for (const uint8_t* p = lo; hi - p >= kWhole; p++) {
    if (target_of_call(p) != call_tls_dtors || target_of_call(p + kCall) == nullptr) continue;
    const uint8_t* last = target_of_call(p + 2 * kCall);
    if (last == nullptr || !counts_down_soon(p + 3 * kCall, nthreads)) continue;
    if (found != nullptr) return nullptr;
    found = last;
  }
  return reinterpret_cast<ThreadFreeres>(reinterpret_cast<uintptr_t>(found));
}

}  // namespace goshim
