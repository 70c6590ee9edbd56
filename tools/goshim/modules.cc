#include "modules.h"

#include <cxxabi.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "error.h"

namespace tool {

namespace {

std::string demangled(const std::string& name) {
  if (name.compare(0, 2, "_Z") != 0) return name;
  int status = 0;
  char* text = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
  if (text == nullptr) return name;
  std::string out = text;
  free(text);
  return out;
}

uint32_t gnu_hash(const std::string& name) {
  uint32_t h = 5381;
  for (const char c : name) h = h * 33 + static_cast<unsigned char>(c);
  return h;
}

constexpr size_t kManyHeaders = 64;
constexpr size_t kManyDynamic = 256;
constexpr size_t kLongChain = 1 << 16;

}  // namespace

Module::Module(Memory& memory, std::string path, uint64_t head, uint64_t hi)
    : memory_(memory), path_(std::move(path)), lo_(head), hi_(hi) {
  const auto ehdr = memory.get<Elf64_Ehdr>(head);
  if (!ehdr || memcmp(ehdr->e_ident, ELFMAG, SELFMAG) != 0 || ehdr->e_machine != EM_X86_64 ||
      ehdr->e_phentsize != sizeof(Elf64_Phdr)) {
    return;
  }
  is_elf_ = true;
  bool first = true;
  for (size_t i = 0; i < std::min<size_t>(ehdr->e_phnum, kManyHeaders); i++) {
    const auto ph = memory.get<Elf64_Phdr>(head + ehdr->e_phoff + i * sizeof(Elf64_Phdr));
    if (!ph) return;
    if (ph->p_type == PT_LOAD && first) {
      first = false;
      bias_ = head - (ph->p_vaddr - ph->p_offset);
    }
    if (ph->p_type == PT_DYNAMIC) dynamic_ = ph->p_vaddr;
    if (ph->p_type == PT_GNU_EH_FRAME) eh_frame_hdr_ = ph->p_vaddr;
    if (ph->p_type == PT_NOTE && note_ == 0) note_ = ph->p_vaddr, note_size_ = ph->p_memsz;
  }
  if (dynamic_ != 0) dynamic_ += bias_;
  if (eh_frame_hdr_ != 0) eh_frame_hdr_ += bias_;
  if (note_ != 0) note_ += bias_;
}

std::string Module::name() const {
  const size_t slash = path_.rfind('/');
  return slash == std::string::npos ? path_ : path_.substr(slash + 1);
}

uint64_t Module::exported(const std::string& name) const {
  if (dynamic_ == 0) return 0;
  uint64_t symtab = 0, strtab = 0, hash = 0;
  for (size_t i = 0; i < kManyDynamic; i++) {
    const auto d = memory_.get<Elf64_Dyn>(dynamic_ + i * sizeof(Elf64_Dyn));
    if (!d || d->d_tag == DT_NULL) break;
    // The loader may have added the bias already.
    const uint64_t value = d->d_un.d_ptr < bias_ ? d->d_un.d_ptr + bias_ : d->d_un.d_ptr;
    if (d->d_tag == DT_SYMTAB) symtab = value;
    if (d->d_tag == DT_STRTAB) strtab = value;
    if (d->d_tag == DT_GNU_HASH) hash = value;
  }
  if (symtab == 0 || strtab == 0 || hash == 0) return 0;
  struct Header {
    uint32_t nbuckets, first, bloom_words, bloom_shift;
  };
  const auto h = memory_.get<Header>(hash);
  if (!h || h->nbuckets == 0) return 0;
  const uint64_t buckets = hash + sizeof(Header) + uint64_t{8} * h->bloom_words;
  const uint64_t chains = buckets + uint64_t{4} * h->nbuckets;
  const uint32_t want = gnu_hash(name);
  const auto bucket = memory_.get<uint32_t>(buckets + uint64_t{4} * (want % h->nbuckets));
  if (!bucket || *bucket < h->first) return 0;
  for (uint64_t i = *bucket; i < *bucket + kLongChain; i++) {
    const auto chain = memory_.get<uint32_t>(chains + 4 * (i - h->first));
    if (!chain) return 0;
    if ((*chain | 1) == (want | 1)) {
      const auto sym = memory_.get<Elf64_Sym>(symtab + i * sizeof(Elf64_Sym));
      if (sym && memory_.text(strtab + sym->st_name, name.size() + 1) == name)
        return sym->st_value + bias_;
    }
    if ((*chain & 1) != 0) return 0;
  }
  return 0;
}

std::string Module::build_id() const {
  for (uint64_t at = note_; note_ != 0 && at + sizeof(Elf64_Nhdr) < note_ + note_size_;) {
    const auto note = memory_.get<Elf64_Nhdr>(at);
    if (!note || note->n_namesz > 64 || note->n_descsz > 4096) break;
    const uint64_t desc = at + sizeof *note + ((note->n_namesz + 3u) & ~3u);
    if (note->n_type == NT_GNU_BUILD_ID && note->n_descsz <= 64) {
      std::string out;
      for (uint64_t i = 0; i < note->n_descsz; i++) {
        char hex[3];
        const auto byte = memory_.get<uint8_t>(desc + i);
        if (!byte) return {};
        snprintf(hex, sizeof hex, "%02x", *byte);
        out += hex;
      }
      return out;
    }
    at = desc + ((note->n_descsz + 3u) & ~3u);
  }
  return {};
}

void Module::add_symbols(const Bytes& elf) {
  const auto ehdr = elf.get<Elf64_Ehdr>(0);
  if (!ehdr || memcmp(ehdr->e_ident, ELFMAG, SELFMAG) != 0) return;
  for (size_t i = 0; i < ehdr->e_shnum; i++) {
    const auto section = elf.get<Elf64_Shdr>(ehdr->e_shoff + i * sizeof(Elf64_Shdr));
    if (!section) return;
    if (section->sh_type != SHT_SYMTAB && section->sh_type != SHT_DYNSYM) continue;
    const auto strings =
        elf.get<Elf64_Shdr>(ehdr->e_shoff + uint64_t{section->sh_link} * sizeof(Elf64_Shdr));
    if (!strings || !elf.has(section->sh_offset, section->sh_size)) continue;
    for (uint64_t k = 0; k + sizeof(Elf64_Sym) <= section->sh_size; k += sizeof(Elf64_Sym)) {
      const auto sym = elf.get<Elf64_Sym>(section->sh_offset + k);
      const unsigned type = ELF64_ST_TYPE(sym->st_info);
      if ((type != STT_FUNC && type != STT_GNU_IFUNC) || sym->st_value == 0) continue;
      std::string name = elf.text(strings->sh_offset + sym->st_name);
      if (!name.empty()) symbols_.push_back({sym->st_value + bias_, sym->st_size, std::move(name)});
    }
  }
}

void Module::load_symbols() {
  loaded_ = true;
  if (!file.empty()) {
    if (const auto bytes = Bytes::map(file)) add_symbols(*bytes);
  }
  const std::string id = build_id();
  if (id.size() > 2) {
    const std::string debug =
        "/usr/lib/debug/.build-id/" + id.substr(0, 2) + "/" + id.substr(2) + ".debug";
    if (const auto bytes = Bytes::map(debug)) add_symbols(*bytes);
  }
  // Of several names for one place the plainest: `read` and not `hook_read`, `__read` or a versioned twin.
  const auto rank = [](const Symbol& s) {
    return std::make_tuple(s.name.compare(0, 5, "hook_") == 0, s.name[0] == '_', s.name.size());
  };
  std::sort(symbols_.begin(), symbols_.end(), [&](const Symbol& a, const Symbol& b) {
    return a.address != b.address ? a.address < b.address : rank(a) < rank(b);
  });
  const auto same = [](const Symbol& a, const Symbol& b) { return a.address == b.address; };
  symbols_.erase(std::unique(symbols_.begin(), symbols_.end(), same), symbols_.end());
}

const Symbol* Module::function_at(uint64_t address) {
  if (!loaded_) load_symbols();
  auto after = std::upper_bound(symbols_.begin(), symbols_.end(), address,
                                [](uint64_t a, const Symbol& s) { return a < s.address; });
  if (after == symbols_.begin()) return nullptr;
  Symbol& s = *--after;
  if (s.size != 0 && address >= s.address + s.size) return nullptr;
  s.name = demangled(s.name);
  return &s;
}

Modules::Modules(Memory& memory, const std::vector<Mapping>& mappings) {
  for (size_t i = 0; i < mappings.size(); i++) {
    const Mapping& m = mappings[i];
    if (m.path.empty() || m.offset != 0 || (m.path[0] != '/' && m.path != "[vdso]")) continue;
    if (!modules_.empty() && modules_.back()->path() == m.path && modules_.back()->hi() >= m.lo)
      continue;  // a second mapping of the file's beginning
    uint64_t hi = m.hi;
    for (size_t k = i + 1; k < mappings.size(); k++) {
      // bss lies between files without a name
      if (mappings[k].path == m.path)
        hi = mappings[k].hi;
      else if (!mappings[k].path.empty())
        break;
    }
    auto module = std::make_unique<Module>(memory, m.path, m.lo, hi);
    if (module->is_elf()) modules_.push_back(std::move(module));
  }
}

Module* Modules::at(uint64_t address) {
  auto after = std::upper_bound(modules_.begin(), modules_.end(), address,
                                [](uint64_t a, const auto& m) { return a < m->lo(); });
  if (after == modules_.begin()) return nullptr;
  Module* m = (--after)->get();
  return address < m->hi() ? m : nullptr;
}

std::string Modules::describe(uint64_t address, bool returns_here) {
  char text[64];
  Module* m = at(address);
  if (m == nullptr) {
    snprintf(text, sizeof text, "0x%lx", address);
    return text;
  }
  const Symbol* s = m->function_at(address - (returns_here ? 1 : 0));
  snprintf(text, sizeof text, "+0x%lx", address - (s != nullptr ? s->address : m->bias()));
  return s != nullptr ? s->name + text + " (" + m->name() + ")" : m->name() + text;
}

std::vector<Mapping> mappings_of(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/maps");
  std::vector<Mapping> out;
  std::string line;
  while (std::getline(in, line)) {
    Mapping m;
    int path = 0;
    unsigned major, minor;
    if (sscanf(line.c_str(), "%lx-%lx %*4s %lx %x:%x %lu %n", &m.lo, &m.hi, &m.offset, &major,
               &minor, &m.inode, &path) < 6)
      continue;
    m.path = line.substr(static_cast<size_t>(path));
    out.push_back(std::move(m));
  }
  return out;
}

}  // namespace tool
