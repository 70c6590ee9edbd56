#include "arch/amd64/insn.h"

namespace goshim {

namespace {

// What follows the opcode byte:
//   .  nothing        m  ModRM           d  imm32 (imm16 with 66)   j  rel8     P  prefix
//   b  imm8           M  ModRM, imm8     D  ModRM, imm32            J  rel32    E  second map
//   q  imm32 or imm64 (REX.W)            g  ModRM, imm8 if /0 /1    R  REX      -  refused
//                                        G  ModRM, imm32 if /0 /1
constexpr char kOneByte[257] =
    "mmmmbd--mmmmbd-E"   // 00
    "mmmmbd--mmmmbd--"   // 10
    "mmmmbdP-mmmmbdP-"   // 20
    "mmmmbdP-mmmmbdP-"   // 30
    "RRRRRRRRRRRRRRRR"   // 40
    "................"   // 50
    "---mPPP-dDbM----"   // 60
    "jjjjjjjjjjjjjjjj"   // 70
    "MD-Mmmmmmmmmmm--"   // 80
    "..........------"   // 90
    "----....bd..----"   // a0
    "bbbbbbbbqqqqqqqq"   // b0
    "MM-.--MD-.--.---"   // c0
    "mmmm------------"   // d0
    "--------JJ-j----"   // e0
    "P-PP-.gG------mm";  // f0

constexpr char kTwoByte[257] =
    "-----.-----.-m--"   // 00
    "mmmmmmmmmmmmmmmm"   // 10
    "--------mmmmmmmm"   // 20
    "----------------"   // 30
    "mmmmmmmmmmmmmmmm"   // 40
    "mmmmmmmmmmmmmmmm"   // 50
    "mmmmmmmmmmmmmmmm"   // 60
    "MMMMmmm.----mmmm"   // 70
    "JJJJJJJJJJJJJJJJ"   // 80
    "mmmmmmmmmmmmmmmm"   // 90
    "--.mMm-----mMmmm"   // a0
    "mm-m--mm--Mmmmmm"   // b0
    "mmM---M-........"   // c0
    "mmmmmmmmmmmmmmmm"   // d0
    "mmmmmmmmmmmmmmmm"   // e0
    "mmmmmmmmmmmmmmm-";  // f0

struct Parts {
  const uint8_t* p;
  uint8_t rex = 0;
  bool data16 = false;
  bool repz = false;
  bool two_byte = false;
  uint8_t op = 0;
  uint8_t modrm = 0;
  char form = '-';
  size_t operand = 0;  // bytes of ModRM, SIB and displacement
  size_t immediate = 0;

  int mod() const { return modrm >> 6; }
  int reg() const { return ((modrm >> 3) & 7) | ((rex & 4) << 1); }
  int rm() const { return (modrm & 7) | ((rex & 1) << 3); }
};

// False: cut off.
bool read_opcode(Parts* in, const uint8_t* end) {
  for (;; in->p++) {
    if (in->p >= end) return false;
    const char form = kOneByte[*in->p];
    if (form == 'P') {
      if (*in->p == 0x66) in->data16 = true;
      if (*in->p == 0xf3) in->repz = true;
      if (*in->p == 0x67) return false;
      in->rex = 0;
    } else if (form == 'R') {
      in->rex = *in->p;
    } else {
      break;
    }
  }
  in->op = *in->p++;
  in->form = kOneByte[in->op];
  if (in->form != 'E') return true;
  if (in->p >= end) return false;
  in->two_byte = true;
  in->op = *in->p++;
  in->form = kTwoByte[in->op];
  return true;
}

bool has_modrm(char form) {
  return form == 'm' || form == 'M' || form == 'D' || form == 'g' || form == 'G';
}

bool read_operand(Parts* in, const uint8_t* end) {
  if (!has_modrm(in->form)) return true;
  if (in->p >= end) return false;
  in->modrm = in->p[0];
  in->operand = 1;
  if (in->mod() == 3) return true;
  bool disp32 = in->mod() == 2 || (in->mod() == 0 && (in->modrm & 7) == 5);
  if ((in->modrm & 7) == 4) {
    if (end - in->p < 2) return false;
    in->operand++;
    disp32 |= in->mod() == 0 && (in->p[1] & 7) == 5;
  }
  in->operand += disp32 ? 4 : in->mod() == 1 ? 1 : 0;
  return true;
}

size_t immediate_size(const Parts& in) {
  const size_t word = in.data16 ? 2 : 4;
  switch (in.form) {
    case 'b':
    case 'M':
    case 'j':
      return 1;
    case 'd':
    case 'D':
      return word;
    case 'J':
      return 4;
    case 'q':
      return (in.rex & 8) != 0 ? 8 : word;
    case 'g':
      return ((in.modrm >> 3) & 7) < 2 ? 1 : 0;
    case 'G':
      return ((in.modrm >> 3) & 7) < 2 ? word : 0;
    default:
      return 0;
  }
}

int32_t read_value(const uint8_t* p, size_t n) {
  if (n == 1) return static_cast<int8_t>(*p);
  uint32_t v = 0;
  for (size_t i = 0; i < n && i < 4; i++) v |= static_cast<uint32_t>(p[i]) << (8 * i);
  return static_cast<int32_t>(v);
}

// True unless it is plain that eax stays as it is.
bool may_write_eax(const Parts& in) {
  if (in.two_byte) {
    if (in.op >= 0x10 && in.op <= 0x2f) return false;  // vectors, nops
    if ((in.op >= 0x80 && in.op <= 0x8f) || in.op == 0x05) return in.op == 0x05;
    if ((in.op >= 0x40 && in.op <= 0x4f) || in.op == 0xaf || in.op == 0xb6 || in.op == 0xb7) {
      return in.reg() == 0;
    }
    return true;
  }
  const bool arith = in.op < 0x40 && (in.op & 7) < 4;
  const bool compare = (in.op & 0x38) == 0x38;
  if (arith && compare) return false;
  const bool to_rm = (arith && (in.op & 2) == 0) || in.op == 0x88 || in.op == 0x89 ||
                     in.op == 0xc6 || in.op == 0xc7;
  if (to_rm) return in.mod() == 3 && in.rm() == 0;
  if (arith || in.op == 0x63 || in.op == 0x8a || in.op == 0x8b || in.op == 0x8d) {
    return in.reg() == 0;
  }
  if (in.op == 0x80 || in.op == 0x81 || in.op == 0x83) {
    return ((in.modrm >> 3) & 7) != 7 && in.mod() == 3 && in.rm() == 0;
  }
  if (in.op == 0x84 || in.op == 0x85) return false;
  if (in.op >= 0xb8 && in.op <= 0xbf) return in.op == 0xb8 && (in.rex & 1) == 0;
  if (in.op >= 0x50 && in.op <= 0x5f) return in.op == 0x58 && (in.rex & 1) == 0;
  return !(in.op == 0x68 || in.op == 0x6a || (in.op == 0x90 && in.rex == 0) ||
           (in.op >= 0x70 && in.op <= 0x7f) || in.op == 0xe9 || in.op == 0xeb);
}

InsnKind kind_of(const Parts& in) {
  if (in.two_byte) {
    if (in.op == 0x05) return InsnKind::kSyscall;
    if (in.op == 0x1e && in.repz && in.modrm == 0xfa) return InsnKind::kEndbr64;
    return in.op >= 0x80 && in.op <= 0x8f ? InsnKind::kJump : InsnKind::kOther;
  }
  switch (in.op) {
    case 0xe8:
      return InsnKind::kCall;
    case 0xe9:
    case 0xeb:
      return InsnKind::kJump;
    case 0xff: {
      const int what = (in.modrm >> 3) & 7;
      return what >= 2 && what <= 5 ? InsnKind::kIndirect
             : what == 6            ? InsnKind::kStack
                                    : InsnKind::kOther;
    }
    case 0xb8:
      return (in.rex & 1) == 0 ? InsnKind::kSetEax : InsnKind::kOther;
    case 0x31:
    case 0x33:  // xor eax, eax
      return in.modrm == 0xc0 && (in.rex & 5) == 0 ? InsnKind::kSetEax : InsnKind::kOther;
    case 0xc7:  // mov imm32 to eax, or to (rsp)
      if (in.mod() == 3 && in.rm() == 0) return InsnKind::kSetEax;
      return in.modrm == 0x04 && in.p[1] == 0x24 ? InsnKind::kPushImm : InsnKind::kOther;
    case 0x68:
    case 0x6a:
      return InsnKind::kPushImm;
    default:
      break;
  }
  if (in.op >= 0x70 && in.op <= 0x7f) return InsnKind::kJump;
  if (in.op >= 0x50 && in.op <= 0x5f) return InsnKind::kStack;
  return InsnKind::kOther;
}

}  // namespace

bool decode_insn(const uint8_t* p, const uint8_t* end, Insn* out) {
  Parts in;
  in.p = p;
  if (!read_opcode(&in, end) || in.form == '-' || !read_operand(&in, end)) return false;
  in.immediate = immediate_size(in);
  if (static_cast<size_t>(end - in.p) < in.operand + in.immediate) return false;
  if ((in.form == 'J' || in.form == 'j') && in.data16) return false;
  const uint8_t* imm = in.p + in.operand;
  const size_t len = static_cast<size_t>(imm - p) + in.immediate;
  if (len > 15) return false;
  out->kind = kind_of(in);
  out->len = static_cast<uint8_t>(len);
  out->writes_eax = may_write_eax(in);
  out->value = in.immediate > 0 ? read_value(imm, in.immediate) : 0;
  return true;
}

}  // namespace goshim
