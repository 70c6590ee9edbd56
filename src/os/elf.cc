#include "os/elf.h"

#include <string.h>
#include <sys/mman.h>

#include "os/memory.h"
#include "os/syscall.h"

namespace goshim::os {

namespace {

// Of one object.
struct Tables {
  const ElfW(Sym) * symbols = nullptr;
  const char* strings = nullptr;
  const uint32_t* hash = nullptr;
  const ElfW(Rela) * relocations[2] = {};  // of data, of calls
  size_t bytes[2] = {};
};

struct Search {
  uintptr_t within;
  ElfImage* out;
};

// The loader relocates these values in place for ordinary objects.
uintptr_t address_of(uintptr_t base, uintptr_t value) {
  return value < base ? base + value : value;
}

Tables read_dynamic(uintptr_t base, const ElfW(Phdr) * dynamic) {
  Tables t;
  if (dynamic == nullptr) return t;
  auto* d = reinterpret_cast<const ElfW(Dyn)*>(base + dynamic->p_vaddr);
  for (; d->d_tag != DT_NULL; d++) {
    const uintptr_t at = address_of(base, d->d_un.d_ptr);
    if (d->d_tag == DT_SYMTAB) t.symbols = reinterpret_cast<const ElfW(Sym)*>(at);
    if (d->d_tag == DT_STRTAB) t.strings = reinterpret_cast<const char*>(at);
    if (d->d_tag == DT_GNU_HASH) t.hash = reinterpret_cast<const uint32_t*>(at);
    if (d->d_tag == DT_RELA) t.relocations[0] = reinterpret_cast<const ElfW(Rela)*>(at);
    if (d->d_tag == DT_RELASZ) t.bytes[0] = d->d_un.d_val;
    if (d->d_tag == DT_JMPREL) t.relocations[1] = reinterpret_cast<const ElfW(Rela)*>(at);
    if (d->d_tag == DT_PLTRELSZ) t.bytes[1] = d->d_un.d_val;
  }
  return t;
}

int visit(dl_phdr_info* info, size_t, void* arg) {
  auto* search = static_cast<Search*>(arg);
  const ElfW(Phdr)* text = nullptr;
  const ElfW(Phdr)* dynamic = nullptr;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr)* ph = &info->dlpi_phdr[i];
    if (ph->p_type == PT_DYNAMIC) dynamic = ph;
    const bool is_text =
        ph->p_type == PT_LOAD && (ph->p_flags & (PF_R | PF_W | PF_X)) == (PF_R | PF_X);
    if (is_text && search->within - (info->dlpi_addr + ph->p_vaddr) < ph->p_memsz) text = ph;
  }
  if (text == nullptr) return 0;
  ElfImage* out = search->out;
  out->base = info->dlpi_addr;
  out->text_lo = info->dlpi_addr + text->p_vaddr;
  out->text_hi = out->text_lo + text->p_memsz;
  const Tables t = read_dynamic(out->base, dynamic);
  out->symbols = t.symbols;
  out->strings = t.strings;
  out->hash = t.hash;
  return 1;
}

// An object whose imports are looked at.
struct Importer {
  uintptr_t base;
  const ElfW(Phdr) * headers;
  int count;

  const ElfW(Phdr) * find(uint32_t type) const {
    for (int i = 0; i < count; i++) {
      if (headers[i].p_type == type) return &headers[i];
    }
    return nullptr;
  }

  bool holds(uintptr_t at, uint32_t flags) const {
    for (int i = 0; i < count; i++) {
      const ElfW(Phdr)& ph = headers[i];
      const bool in = ph.p_type == PT_LOAD && at - (base + ph.p_vaddr) < ph.p_memsz;
      if (in && (ph.p_flags & flags) == flags) return true;
    }
    return false;
  }

  // The loader protects whole pages only.
  bool is_read_only(const uintptr_t* slot) const {
    const ElfW(Phdr)* relro = find(PT_GNU_RELRO);
    if (relro == nullptr) return false;
    const auto at = reinterpret_cast<uintptr_t>(slot);
    const uintptr_t begin = base + relro->p_vaddr;
    return at >= begin / kPage * kPage && at < (begin + relro->p_memsz) / kPage * kPage;
  }

  bool write(uintptr_t* slot, uintptr_t value) const {
    const bool shut = is_read_only(slot);
    const uintptr_t page = reinterpret_cast<uintptr_t>(slot) / kPage * kPage;
    if (shut && sys(SYS_mprotect, page, kPage, PROT_READ | PROT_WRITE) != 0) return false;
    *static_cast<volatile uintptr_t*>(slot) =
        value;  // in one piece: others may be calling through it
    if (shut) sys(SYS_mprotect, page, kPage, PROT_READ);
    return true;
  }
};

struct Rebinding {
  uintptr_t us;
  ElfRebind rebind;
  void* arg;
  int failures;
};

void rebind_one(const Importer& object, const Tables& t, const ElfW(Rela) & r, Rebinding* work) {
  const auto type = ELF64_R_TYPE(r.r_info);
  const ElfW(Sym)& symbol = t.symbols[ELF64_R_SYM(r.r_info)];
  const bool is_call = type == R_X86_64_JUMP_SLOT;
  const bool is_address =
      is_call || type == R_X86_64_GLOB_DAT || (type == R_X86_64_64 && r.r_addend == 0);
  if (!is_address || symbol.st_name == 0 || symbol.st_shndx != SHN_UNDEF) return;
  auto* slot = reinterpret_cast<uintptr_t*>(object.base + r.r_offset);
  const ElfImport import = {t.strings + symbol.st_name, slot,
                            is_call && object.holds(*slot, PF_R | PF_X)};
  const uintptr_t value = work->rebind(import, work->arg);
  if (value != 0 && value != *slot && !object.write(slot, value)) work->failures++;
}

int rebind_object(dl_phdr_info* info, size_t, void* arg) {
  auto* work = static_cast<Rebinding*>(arg);
  const Importer object = {info->dlpi_addr, info->dlpi_phdr, info->dlpi_phnum};
  const Tables t = read_dynamic(object.base, object.find(PT_DYNAMIC));
  if (object.holds(work->us, PF_X) || t.symbols == nullptr || t.strings == nullptr) return 0;
  for (int kind = 0; kind < 2; kind++) {
    for (size_t i = 0; i < t.bytes[kind] / sizeof(ElfW(Rela)); i++)
      rebind_one(object, t, t.relocations[kind][i], work);
  }
  return 0;
}

uint32_t gnu_hash(const char* name) {
  uint32_t h = 5381;
  for (const char* s = name; *s != 0; s++) h = h * 33 + static_cast<uint8_t>(*s);
  return h;
}

// The first object is the program.
int visit_program(dl_phdr_info* info, size_t, void* arg) {
  const char* const soname = *static_cast<const char**>(arg);
  const Importer program = {info->dlpi_addr, info->dlpi_phdr, info->dlpi_phnum};
  const ElfW(Phdr)* dynamic = program.find(PT_DYNAMIC);
  const Tables t = read_dynamic(program.base, dynamic);
  if (t.strings == nullptr) return -1;
  for (auto* d = reinterpret_cast<const ElfW(Dyn)*>(program.base + dynamic->p_vaddr);
       d->d_tag != DT_NULL; d++) {
    if (d->d_tag == DT_NEEDED && strcmp(t.strings + d->d_un.d_val, soname) == 0) return 1;
  }
  return -1;
}

}  // namespace

bool program_needs(const char* soname) { return dl_iterate_phdr(&visit_program, &soname) == 1; }

bool elf_image_of(const void* within, ElfImage* out) {
  Search search = {reinterpret_cast<uintptr_t>(within), out};
  if (dl_iterate_phdr(&visit, &search) == 0) return false;
  return out->symbols != nullptr && out->strings != nullptr && out->hash != nullptr;
}

int elf_rebind_imports(const void* us, ElfRebind rebind, void* arg) {
  Rebinding work = {reinterpret_cast<uintptr_t>(us), rebind, arg, 0};
  dl_iterate_phdr(&rebind_object, &work);
  return work.failures;
}

ElfFunction ElfImage::find(const char* name) const {
  const uint32_t buckets = hash[0];
  const uint32_t first = hash[1];
  const uint32_t bloom_words = hash[2];
  const uint32_t* bucket = hash + 4 + bloom_words * (sizeof(ElfW(Addr)) / sizeof(uint32_t));
  const uint32_t* chain = bucket + buckets;
  const uint32_t h = gnu_hash(name);
  uint32_t i = buckets > 0 ? bucket[h % buckets] : 0;
  if (i < first) return {};
  for (;; i++) {
    const uint32_t seen = chain[i - first];
    const ElfW(Sym)& s = symbols[i];
    const bool is_function = s.st_shndx != SHN_UNDEF && (s.st_info & 15) == STT_FUNC;
    if ((seen | 1) == (h | 1) && is_function && strcmp(strings + s.st_name, name) == 0) {
      const uintptr_t at = base + s.st_value;
      if (at < text_lo || at >= text_hi || s.st_size > text_hi - at) return {};
      return {reinterpret_cast<uint8_t*>(at), s.st_size};
    }
    if ((seen & 1) != 0) return {};
  }
}

}  // namespace goshim::os
