// The %fs base: where glibc's thread control block and all static TLS hang.
#pragma once

#include <stdint.h>

namespace goshim {

// Set once at start: the kernel lets user code write %fs (AT_HWCAP2 bit 1), otherwise arch_prctl, about 40 times
// slower.
extern bool have_fsgsbase;
void fsbase_init(bool allowed);

// Written through asm only: the caller must not hold a TLS-derived value across a change.
inline void* get_fsbase() {
  void* p;
  __asm__ volatile("movq %%fs:0x10, %0" : "=r"(p));  // header.self
  return p;
}

void set_fsbase_slow(void* tcb);

[[gnu::always_inline]] inline void set_fsbase(void* tcb) {
  if (__builtin_expect(have_fsgsbase, 1)) {
    __asm__ volatile("wrfsbase %0" : : "r"(tcb) : "memory");
  } else {
    set_fsbase_slow(tcb);
  }
}

}  // namespace goshim
