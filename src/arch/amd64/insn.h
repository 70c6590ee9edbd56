// Instruction lengths, for the code that compilers make of libc's system call wrappers.
//
// Not a disassembler: it knows the one- and two-byte opcode maps without VEX and EVEX, and of an
// instruction only what the search for system calls and jumps needs. What it does not know it
// refuses, and the caller then leaves the function alone.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace goshim {

enum class InsnKind : uint8_t {
  kOther,
  kSyscall,
  kCall,      // value: displacement from the end of the instruction
  kJump,      // direct, conditional or not; value: displacement, as above
  kIndirect,  // a jump or call through a register or memory
  kSetEax,    // eax = value
  kPushImm,   // value goes to the top of the stack, pushed or stored there
  kStack,     // any other push or pop
  kEndbr64,
};

struct Insn {
  InsnKind kind = InsnKind::kOther;
  uint8_t len = 0;
  bool writes_eax = false;  // or may write it
  int32_t value = 0;
};

// Decodes the instruction at p, which must end at or before `end`. False: unknown, or cut off.
bool decode_insn(const uint8_t* p, const uint8_t* end, Insn* out);

}  // namespace goshim
