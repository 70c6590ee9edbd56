#include "arch/amd64/redirect.h"

#include "arch/amd64/insn.h"

namespace goshim {

namespace {

constexpr size_t kShortJump = 5;  // jmp rel32
constexpr int32_t kUnknown = -2;

// What is known of the number that the next system call will have.
struct Pending {
  int32_t eax = kUnknown;
  int32_t pushed = kUnknown;

  void after(const Insn& i) {
    switch (i.kind) {
      case InsnKind::kSetEax:
        eax = i.value;
        return;
      case InsnKind::kPushImm:
        pushed = i.value;
        return;
      case InsnKind::kStack:
        pushed = kUnknown;
        break;
      case InsnKind::kCall:
      case InsnKind::kJump:
      case InsnKind::kIndirect:
      case InsnKind::kSyscall:
        *this = {};
        return;
      default:
        break;
    }
    if (i.writes_eax) eax = kUnknown;
  }
};

bool is_one_of(int32_t nr, const int32_t (&numbers)[kNumbers]) {
  for (int32_t n : numbers) {
    if (n >= 0 && nr == n) return true;
  }
  return false;
}

Shape check(const uint8_t* entry, size_t size, const int32_t (&numbers)[kNumbers],
            const uint8_t* lo, size_t len) {
  const uint8_t* end = entry + size;
  Pending next;
  bool calls = false;
  Insn i;
  for (const uint8_t* p = entry; p < end; p += i.len) {
    if (!decode_insn(p, end, &i)) return Shape::kUndecoded;
    if (i.kind == InsnKind::kIndirect) return Shape::kUndecoded;
    const bool enters =
        i.kind == InsnKind::kSyscall || (i.kind == InsnKind::kCall && next.pushed != kUnknown);
    if (enters) {
      const int32_t nr = i.kind == InsnKind::kSyscall ? next.eax : next.pushed;
      if (!is_one_of(nr, numbers)) return Shape::kOtherCall;
      calls = true;
    }
    if (i.kind == InsnKind::kJump || i.kind == InsnKind::kCall) {
      const auto to = reinterpret_cast<uintptr_t>(p) + i.len +
                      static_cast<uintptr_t>(static_cast<intptr_t>(i.value));
      const auto from = reinterpret_cast<uintptr_t>(lo);
      if (to > from && to < from + len) return Shape::kJumpInside;
    }
    next.after(i);
  }
  return calls ? Shape::kGood : Shape::kNoCall;
}

bool is_near(const uint8_t* from, const void* to) {
  const intptr_t d = reinterpret_cast<intptr_t>(to) - reinterpret_cast<intptr_t>(from + kShortJump);
  return d == static_cast<int32_t>(d);
}

void put(uint8_t* out, uint64_t v, size_t n) {
  for (size_t i = 0; i < n; i++) out[i] = static_cast<uint8_t>(v >> (8 * i));
}

// jmp rel32 where it reaches, else jmp *0(%rip) with the address behind it. No register is spoilt.
void encode(Redirect* r, const void* target) {
  const auto to = reinterpret_cast<uint64_t>(target);
  if (is_near(r->at, target)) {
    r->len = kShortJump;
    r->bytes[0] = 0xe9;
    put(r->bytes + 1, to - reinterpret_cast<uint64_t>(r->at + kShortJump), 4);
    return;
  }
  r->len = kMaxJump;
  r->bytes[0] = 0xff;
  r->bytes[1] = 0x25;
  put(r->bytes + 2, 0, 4);
  put(r->bytes + 6, to, 8);
}

}  // namespace

Shape plan_redirect(uint8_t* entry, size_t size, const int32_t (&numbers)[kNumbers],
                    const void* target, Redirect* out) {
  constexpr size_t kLeast = 16;  // no wrapper is smaller
  if (size < kLeast) return Shape::kTooShort;
  Insn first;
  if (!decode_insn(entry, entry + size, &first)) return Shape::kUndecoded;
  // An indirect call must still find its endbr64.
  out->at = first.kind == InsnKind::kEndbr64 ? entry + first.len : entry;
  encode(out, target);
  if (out->at + out->len > entry + size) return Shape::kTooShort;
  return check(entry, size, numbers, out->at, out->len);
}

void apply_redirect(const Redirect& r) {
  // Byte by byte and not by memcpy, which lies in the same text.
  volatile uint8_t* at = r.at;
  for (size_t i = 0; i < r.len; i++) at[i] = r.bytes[i];
  __builtin___clear_cache(reinterpret_cast<char*>(r.at), reinterpret_cast<char*>(r.at) + r.len);
}

const char* shape_name(Shape s) {
  switch (s) {
    case Shape::kGood:
      return "good";
    case Shape::kTooShort:
      return "too short";
    case Shape::kUndecoded:
      return "an unknown instruction";
    case Shape::kOtherCall:
      return "another system call";
    case Shape::kNoCall:
      return "no system call";
    case Shape::kJumpInside:
      return "a jump into its first bytes";
  }
  return "?";
}

}  // namespace goshim
