// Overwriting the entry of a function with a jump: whether it may be done, and the bytes.
//
// libc's blocking functions are wrappers of one system call. Two shapes are known (glibc 2.34 to
// 2.43), both with or without endbr64 in front:
//
//   up to 2.40                              since 2.41
//     cmpb $0, __libc_single_threaded         sub  $0x10, %rsp
//     je   with_cancellation                  ...
//     mov  $nr, %eax                          push $nr
//     syscall                                 call __syscall_cancel
//     ...
//
// The whole function is decoded: every system call in it must be the expected one, and no jump may
// lead into the bytes that are overwritten.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace goshim {

enum class Shape : uint8_t {
  kGood,
  kTooShort,    // for the jump
  kUndecoded,   // an instruction that wrappers do not have
  kOtherCall,   // makes a system call that is not one of `numbers`
  kNoCall,      // makes none
  kJumpInside,  // a jump leads into the bytes to be overwritten
};

constexpr size_t kNumbers = 2;  // a wrapper may be made of either; -1: no second one
constexpr size_t kMaxJump = 14;

struct Redirect {
  uint8_t* at = nullptr;  // where the bytes go: the entry, or behind its endbr64
  uint8_t len = 0;
  uint8_t bytes[kMaxJump] = {};
};

// Looks at the function of `size` bytes at `entry`, and prepares a jump from it to `target`.
Shape plan_redirect(uint8_t* entry, size_t size, const int32_t (&numbers)[kNumbers],
                    const void* target, Redirect* out);

// The text must be writable.
void apply_redirect(const Redirect& r);

const char* shape_name(Shape s);

}  // namespace goshim
