#include "os/elf.h"

#include <string.h>

namespace goshim::os {

namespace {

struct Search {
  uintptr_t within;
  ElfImage* out;
};

// The loader relocates these values in place for ordinary objects.
uintptr_t address_of(uintptr_t base, uintptr_t value) {
  return value < base ? base + value : value;
}

void read_dynamic(const ElfW(Dyn) * d, ElfImage* out) {
  for (; d->d_tag != DT_NULL; d++) {
    const uintptr_t at = address_of(out->base, d->d_un.d_ptr);
    if (d->d_tag == DT_SYMTAB) out->symbols = reinterpret_cast<const ElfW(Sym)*>(at);
    if (d->d_tag == DT_STRTAB) out->strings = reinterpret_cast<const char*>(at);
    if (d->d_tag == DT_GNU_HASH) out->hash = reinterpret_cast<const uint32_t*>(at);
  }
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
  if (dynamic != nullptr) {
    read_dynamic(reinterpret_cast<const ElfW(Dyn)*>(info->dlpi_addr + dynamic->p_vaddr), out);
  }
  return 1;
}

uint32_t gnu_hash(const char* name) {
  uint32_t h = 5381;
  for (const char* s = name; *s != 0; s++) h = h * 33 + static_cast<uint8_t>(*s);
  return h;
}

}  // namespace

namespace {

// The first object is the program.
int visit_program(dl_phdr_info* info, size_t, void* arg) {
  const char* const soname = *static_cast<const char**>(arg);
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr)* ph = &info->dlpi_phdr[i];
    if (ph->p_type != PT_DYNAMIC) continue;
    const auto* dynamic = reinterpret_cast<const ElfW(Dyn)*>(info->dlpi_addr + ph->p_vaddr);
    ElfImage image;
    image.base = info->dlpi_addr;
    read_dynamic(dynamic, &image);
    for (const auto* d = dynamic; d->d_tag != DT_NULL && image.strings != nullptr; d++) {
      if (d->d_tag == DT_NEEDED && strcmp(image.strings + d->d_un.d_val, soname) == 0) return 1;
    }
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
