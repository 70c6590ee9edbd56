#include "arch/amd64/redirect.h"

#include <criterion/criterion.h>
#include <string.h>

using namespace goshim;

namespace {

constexpr int32_t kRead[kNumbers] = {0, -1};
constexpr int32_t kWrite[kNumbers] = {1, -1};
constexpr int32_t kPoll[kNumbers] = {7, 271};

// Code in a buffer that is padded with nops to `size`.
struct Code {
  uint8_t bytes[64];
  size_t size;

  Code(const char* code, size_t n, size_t size_) : size(size_) {
    memset(bytes, 0x90, sizeof bytes);
    memcpy(bytes, code, n);
  }
};
#define CODE(text, size) Code(text, sizeof text - 1, size)

constexpr intptr_t kNear = 1 << 20;
constexpr intptr_t kFar = intptr_t{1} << 40;

// An address only: nothing is there.
uint8_t* far_from(Code& c, intptr_t away) {
  return reinterpret_cast<uint8_t*>(reinterpret_cast<uintptr_t>(c.bytes) +
                                    static_cast<uintptr_t>(away));
}

Shape plan(Code& c, const int32_t (&numbers)[kNumbers], Redirect* r, intptr_t away = kNear) {
  return plan_redirect(c.bytes, c.size, numbers, far_from(c, away), r);
}

// cmpb $0, x(%rip); je +9; mov $1, %eax; syscall; cmp $-4096, %rax; ja +1; ret
#define WRITE_236                                                        \
  "\x80\x3d\x91\x32\x0e\x00\x00\x74\x09\xb8\x01\x00\x00\x00\x0f\x05\x48" \
  "\x3d\x00\xf0\xff\xff\x77\x01\xc3"
// sub $16, %rsp; movslq %edi, %rdi; xor; push $NR; call away; add; ret
#define WRAPPER_241(nr)                             \
  "\x48\x83\xec\x10\x48\x63\xff\x45\x31\xc9\x6a" nr \
  "\x31\xc9\xe8\x3a\xb5\xf8\xff"                    \
  "\x48\x83\xc4\x18\xc3"

}  // namespace

Test(redirect, wrapper_with_its_own_system_call) {
  Code c = CODE(WRITE_236, 32);
  Redirect r;
  cr_assert_eq(plan(c, kWrite, &r), Shape::kGood);
  cr_assert_eq(r.at, c.bytes);
  cr_assert_eq(r.len, 5);
  cr_assert_eq(r.bytes[0], 0xe9);
  int32_t displacement;
  memcpy(&displacement, r.bytes + 1, 4);
  cr_assert_eq(displacement, kNear - 5);
}

Test(redirect, wrapper_that_calls_the_common_one) {
  Code c = CODE(WRAPPER_241("\x00"), 26);
  Redirect r;
  cr_assert_eq(plan(c, kRead, &r), Shape::kGood);
  Code d = CODE(WRAPPER_241("\x07"), 26);
  cr_assert_eq(plan(d, kPoll, &r), Shape::kGood);
}

Test(redirect, endbr64_stays) {
  Code c = CODE("\xf3\x0f\x1e\xfa" WRITE_236, 36);
  Redirect r;
  cr_assert_eq(plan(c, kWrite, &r), Shape::kGood);
  cr_assert_eq(r.at, c.bytes + 4);
}

Test(redirect, far_target_takes_an_absolute_jump) {
  Code c = CODE("\xb8\x07\x00\x00\x00\x0f\x05\xc3", 24);
  Redirect r;
  cr_assert_eq(plan(c, kPoll, &r, kFar), Shape::kGood);
  cr_assert_eq(r.len, 14);
  cr_assert_eq(memcmp(r.bytes, "\xff\x25\x00\x00\x00\x00", 6), 0);
  uint8_t* target;
  memcpy(&target, r.bytes + 6, 8);
  cr_assert_eq(target, far_from(c, kFar));
}

Test(redirect, xor_is_number_0) {
  Code c = CODE("\x31\xc0\x0f\x05\xc3", 24);
  Redirect r;
  cr_assert_eq(plan(c, kRead, &r), Shape::kGood);
  cr_assert_eq(plan(c, kWrite, &r), Shape::kOtherCall);
}

Test(redirect, either_number_will_do) {
  Code c = CODE("\xb8\x0f\x01\x00\x00\x0f\x05\xc3", 24);  // 271
  Redirect r;
  cr_assert_eq(plan(c, kPoll, &r), Shape::kGood);
  cr_assert_eq(plan(c, kWrite, &r), Shape::kOtherCall);
}

Test(redirect, wrong_number) {
  Code c = CODE(WRITE_236, 32);
  Code d = CODE(WRAPPER_241("\x01"), 26);
  Redirect r;
  cr_assert_eq(plan(c, kRead, &r), Shape::kOtherCall);
  cr_assert_eq(plan(d, kRead, &r), Shape::kOtherCall);
}

Test(redirect, second_call_with_another_number) {
  Code c = CODE("\xb8\x01\x00\x00\x00\x0f\x05\xb8\x02\x00\x00\x00\x0f\x05\xc3", 24);
  Redirect r;
  cr_assert_eq(plan(c, kWrite, &r), Shape::kOtherCall);
}

Test(redirect, number_that_is_not_certain) {
  // The number is overwritten: mov %edi, %eax; mov 8(%rdi), %rax; a call.
  Code a = CODE("\xb8\x01\x00\x00\x00\x89\xf8\x0f\x05\xc3", 24);
  Code b = CODE("\xb8\x01\x00\x00\x00\x48\x8b\x47\x08\x0f\x05\xc3", 24);
  Code c = CODE("\xb8\x01\x00\x00\x00\xe8\x00\x10\x00\x00\x0f\x05\xc3", 24);
  Redirect r;
  cr_assert_eq(plan(a, kWrite, &r), Shape::kOtherCall);
  cr_assert_eq(plan(b, kWrite, &r), Shape::kOtherCall);
  cr_assert_eq(plan(c, kWrite, &r), Shape::kOtherCall);
  // Other registers do not matter: mov %rcx, %r10; mov $8, %r8d; xor %r9d, %r9d.
  Code d =
      CODE("\xb8\x01\x00\x00\x00\x49\x89\xca\x41\xb8\x08\x00\x00\x00\x45\x31\xc9\x0f\x05\xc3", 24);
  cr_assert_eq(plan(d, kWrite, &r), Shape::kGood);
}

Test(redirect, no_system_call) {
  Code c = CODE("\x48\x83\xec\x08\xe8\x00\x10\x00\x00\x48\x83\xc4\x08\xc3", 24);
  Redirect r;
  cr_assert_eq(plan(c, kRead, &r), Shape::kNoCall);
}

Test(redirect, jump_into_the_overwritten_bytes) {
  // ...; syscall; jne back to byte 4, byte 5, byte 0.
  Redirect r;
  Code c = CODE("\x90\x90\x90\x90\x90\xb8\x01\x00\x00\x00\x0f\x05\x75\xf6\xc3", 24);
  cr_assert_eq(plan(c, kWrite, &r), Shape::kJumpInside);
  c.bytes[13] = 0xf7;
  cr_assert_eq(plan(c, kWrite, &r), Shape::kGood);
  cr_assert_eq(plan(c, kWrite, &r, kFar), Shape::kJumpInside);
  c.bytes[13] = 0xf2;
  cr_assert_eq(plan(c, kWrite, &r, kFar), Shape::kGood);
  // The long form, to byte 1.
  Code d = CODE("\x90\x90\x90\x90\x90\xb8\x01\x00\x00\x00\x0f\x05\x0f\x84\xef\xff\xff\xff\xc3", 24);
  cr_assert_eq(plan(d, kWrite, &r), Shape::kJumpInside);
}

Test(redirect, too_short) {
  Code c = CODE("\xb8\x01\x00\x00\x00\x0f\x05\xc3", 8);
  Redirect r;
  cr_assert_eq(plan(c, kWrite, &r), Shape::kTooShort);
  Code d = CODE("\xf3\x0f\x1e\xfa\xb8\x01\x00\x00\x00\x0f\x05\xc3", 17);
  cr_assert_eq(plan(d, kWrite, &r), Shape::kGood);
  cr_assert_eq(plan(d, kWrite, &r, kFar), Shape::kTooShort);
}

Test(redirect, unknown_code) {
  Redirect r;
  Code vex = CODE("\xc5\xf8\x77\xb8\x01\x00\x00\x00\x0f\x05\xc3", 24);
  Code indirect = CODE("\xff\x25\x00\x10\x00\x00\xb8\x01\x00\x00\x00\x0f\x05\xc3", 24);
  Code cut_off = CODE("\xb8\x01\x00\x00\x00\x0f\x05\xc3", 24);
  memcpy(cut_off.bytes + 22, "\xe8\x00", 2);
  cr_assert_eq(plan(vex, kWrite, &r), Shape::kUndecoded);
  cr_assert_eq(plan(indirect, kWrite, &r), Shape::kUndecoded);
  cr_assert_eq(plan(cut_off, kWrite, &r), Shape::kUndecoded);
}

Test(redirect, redirected_already) {
  Code c = CODE(WRITE_236, 32);
  Redirect r;
  cr_assert_eq(plan(c, kWrite, &r), Shape::kGood);
  apply_redirect(r);
  cr_assert_eq(memcmp(c.bytes, r.bytes, r.len), 0);
  cr_assert_neq(plan(c, kRead, &r), Shape::kGood);
}
