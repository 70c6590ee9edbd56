// Core files: ELF with the process's writable memory; the rest is in the files it had mapped.
#include <elf.h>
#include <string.h>
#include <sys/procfs.h>
#include <sys/user.h>

#include <algorithm>

#include "error.h"
#include "target.h"

namespace tool {

namespace {

class CoreMemory : public Memory {
 public:
  explicit CoreMemory(std::shared_ptr<Bytes> core) : core_(std::move(core)) {}

  struct Segment {
    uint64_t lo, hi;          // addresses
    uint64_t offset, stored;  // in the core
  };

  bool read(uint64_t address, void* to, size_t n) override {
    auto* out = static_cast<char*>(to);
    while (n > 0) {
      const size_t part = read_some(address, out, n);
      if (part == 0) return false;
      address += part;
      out += part;
      n -= part;
    }
    return true;
  }

  void add(const Segment& s) { segments_.push_back(s); }
  void add(const Mapping& m) {
    if (m.lo < m.hi) mappings_.push_back(m);
  }
  void sort() {
    const auto less = [](const auto& a, const auto& b) { return a.lo < b.lo; };
    std::sort(segments_.begin(), segments_.end(), less);
    std::sort(mappings_.begin(), mappings_.end(), less);
  }
  const std::vector<Mapping>& mappings() const { return mappings_; }
  const std::vector<Segment>& segments() const { return segments_; }

 private:
  template <typename T>
  static const T* find(const std::vector<T>& list, uint64_t address) {
    auto after = std::upper_bound(list.begin(), list.end(), address,
                                  [](uint64_t a, const T& s) { return a < s.lo; });
    if (after == list.begin()) return nullptr;
    --after;
    return address < after->hi ? &*after : nullptr;
  }

  size_t read_some(uint64_t address, char* to, size_t n) {
    const Segment* s = find(segments_, address);
    if (s != nullptr && address - s->lo < s->stored) {
      const size_t part = std::min<uint64_t>(n, s->stored - (address - s->lo));
      const char* from = core_->at(s->offset + (address - s->lo), part);
      if (from == nullptr) return 0;  // truncated
      memcpy(to, from, part);
      return part;
    }
    const Mapping* m = find(mappings_, address);
    if (m == nullptr) return 0;
    auto& file = files_[m->path];
    if (file == nullptr) file = Bytes::map(m->path);
    if (file == nullptr) return 0;
    const size_t part = std::min<uint64_t>(n, m->hi - address);
    const char* from = file->at(m->offset + (address - m->lo), part);
    if (from == nullptr) return 0;
    memcpy(to, from, part);
    return part;
  }

  std::shared_ptr<Bytes> core_;
  std::vector<Segment> segments_;
  std::vector<Mapping> mappings_;
  std::map<std::string, std::shared_ptr<Bytes>> files_;
};

// NT_FILE: counts, then (lo, hi, page) each, then their names.
void read_file_note(const Bytes& core, uint64_t at, uint64_t size, CoreMemory& memory) {
  const auto count = core.get<uint64_t>(at);
  const auto page = core.get<uint64_t>(at + 8);
  if (!count || !page || *count > size / 24) return;
  uint64_t name = at + 16 + *count * 24;
  for (uint64_t i = 0; i < *count; i++) {
    const uint64_t entry = at + 16 + i * 24;
    const auto lo = core.get<uint64_t>(entry), hi = core.get<uint64_t>(entry + 8),
               offset = core.get<uint64_t>(entry + 16);
    if (!lo || !hi || !offset || name >= at + size) return;
    Mapping m = {*lo, *hi, *offset * *page, core.text(name), 0};
    name += m.path.size() + 1;
    memory.add(m);
  }
}

void read_notes(const Bytes& core, uint64_t at, uint64_t size, CoreMemory& memory, Target& t) {
  const uint64_t end = at + size;
  while (at < end) {
    const auto note = core.get<Elf64_Nhdr>(at);
    if (!note) return;
    const uint64_t desc = at + sizeof *note + ((uint64_t{note->n_namesz} + 3) & ~3ull);
    if (note->n_type == NT_PRSTATUS) {
      if (const auto s = core.get<elf_prstatus>(desc)) {
        user_regs_struct r;
        static_assert(sizeof r == sizeof s->pr_reg);
        memcpy(&r, &s->pr_reg, sizeof r);
        t.threads[s->pr_pid] = {r.rip, r.rsp, r.rbp, r.rbx, r.r12, r.r13, r.r14, r.r15, r.rax,
                                r.rcx, r.rdx, r.rsi, r.rdi, r.r8,  r.r9,  r.r10, r.r11};
      }
    } else if (note->n_type == NT_PRPSINFO) {
      if (const auto info = core.get<elf_prpsinfo>(desc)) {
        t.pid = info->pr_pid;
        t.program = std::string(info->pr_fname, strnlen(info->pr_fname, sizeof info->pr_fname));
      }
    } else if (note->n_type == NT_FILE) {
      read_file_note(core, desc, note->n_descsz, memory);
    }
    at = desc + ((uint64_t{note->n_descsz} + 3) & ~3ull);
  }
}

}  // namespace

Target open_core(const std::string& path) {
  auto core = Bytes::map(path);
  if (core == nullptr) fail(path + ": cannot be read, or is empty");
  return read_core(std::move(core), path);
}

Target read_core(std::shared_ptr<Bytes> core, const std::string& path) {
  const auto ehdr = core->get<Elf64_Ehdr>(0);
  if (!ehdr || memcmp(ehdr->e_ident, ELFMAG, SELFMAG) != 0 || ehdr->e_type != ET_CORE)
    fail(path + ": not a core file");
  if (ehdr->e_ident[EI_CLASS] != ELFCLASS64 || ehdr->e_machine != EM_X86_64)
    fail(path + ": a core file of another architecture");
  uint64_t count = ehdr->e_phnum;
  if (count == PN_XNUM) {
    const auto first = core->get<Elf64_Shdr>(ehdr->e_shoff);
    count = first ? first->sh_info : 0;
  }
  Target t;
  auto memory = std::make_unique<CoreMemory>(core);
  for (uint64_t i = 0; i < count; i++) {
    const auto ph = core->get<Elf64_Phdr>(ehdr->e_phoff + i * sizeof(Elf64_Phdr));
    if (!ph) fail(path + ": truncated in its headers");
    if (!core->has(ph->p_offset, ph->p_filesz)) t.truncated = true;
    if (ph->p_type == PT_LOAD)
      memory->add(
          CoreMemory::Segment{ph->p_vaddr, ph->p_vaddr + ph->p_memsz, ph->p_offset, ph->p_filesz});
    if (ph->p_type == PT_NOTE) {
      if (!core->has(ph->p_offset, ph->p_filesz)) fail(path + ": truncated in its notes");
      read_notes(*core, ph->p_offset, ph->p_filesz, *memory, t);
    }
  }
  memory->sort();
  if (memory->mappings().empty()) fail(path + ": does not tell which files were mapped");
  auto* mem = memory.get();
  t.memory = std::move(memory);
  t.modules = std::make_unique<Modules>(*t.memory, mem->mappings());
  for (auto& module : t.modules->all()) module->file = module->path();
  return t;
}

}  // namespace tool
