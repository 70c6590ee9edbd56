// A call whose callee sees a return address of our choice.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace goshim {

// A return instruction between lo and hi, at or behind `from` if there is one; nullptr: there is none.
const uint8_t* find_return(const uint8_t* lo, const uint8_t* hi, const uint8_t* from);

}  // namespace goshim

// f(name, flags), which sees `ret`, a return instruction, as the address it returns to. That one returns to here.
extern "C" void* goshim_call_through(const uint8_t* ret, void* (*f)(const char*, int),
                                     const char* name, int flags);
