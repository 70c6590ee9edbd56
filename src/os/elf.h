// Loaded shared objects, read from memory: their text, the functions they export, the places that hold what they import.
#pragma once

#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>

namespace goshim::os {

struct ElfFunction {
  uint8_t* entry = nullptr;
  size_t size = 0;
};

struct ElfImage {
  uintptr_t base = 0;
  // The one readable and executable segment that holds `within` (see elf_image_of).
  uintptr_t text_lo = 0;
  uintptr_t text_hi = 0;
  const ElfW(Sym) * symbols = nullptr;
  const char* strings = nullptr;
  const uint32_t* hash = nullptr;  // DT_GNU_HASH

  // An exported function whose whole body is in the text; entry is null if there is none.
  ElfFunction find(const char* name) const;
};

// The object that the function `within` belongs to. False: none, or without the tables. Takes the
// loader's lock.
bool elf_image_of(const void* within, ElfImage* out);

// Does the program itself ask for the library of that name? Takes the loader's lock.
bool program_needs(const char* soname);

// A place of an object that holds, or is to hold, the address of another object's function or variable.
struct ElfImport {
  const char* name;
  uintptr_t* slot;
  bool is_lazy;  // the loader looks the name up at the first call
};

// What the slot is to hold; 0: what it holds already. Called with the loader's lock held.
using ElfRebind = uintptr_t (*)(const ElfImport& import, void* arg);

// Asks for each import of each loaded object but that of the function `us`, and writes what is answered, also where the
// loader has made the page read-only since. How many slots could not be written.
int elf_rebind_imports(const void* us, ElfRebind rebind, void* arg);

}  // namespace goshim::os
