// A core file, changed at will: truncated, or what is none.
// sources: tools/goshim/inspect.cc tools/goshim/modules.cc tools/goshim/memory.cc tools/goshim/unwind.cc tools/goshim/target.cc tools/goshim/core.cc -lunwind-x86_64 -lunwind
#include <sys/procfs.h>

#include "process.h"

namespace {

// Only to 4 bytes are notes aligned.
template <typename T>
struct __attribute__((packed)) Note {
  Elf64_Nhdr head;
  char name[8];
  T data;
};

struct Core {
  Elf64_Ehdr ehdr;
  Elf64_Phdr notes, load;
  Note<elf_prstatus> status;
  Note<elf_prpsinfo> info;
  struct Files {
    uint64_t count, page, lo, hi, offset;
    char path[24];
  };
  Note<Files> files;
  fuzz::Image image;
};

template <typename T>
void head(Note<T>* note, uint32_t type) {
  note->head = {5, sizeof(T), type};
  memcpy(note->name, "CORE", 5);
}

Core sound_core() {
  Core c = {};
  memcpy(c.ehdr.e_ident, ELFMAG, SELFMAG);
  c.ehdr.e_ident[EI_CLASS] = ELFCLASS64;
  c.ehdr.e_type = ET_CORE;
  c.ehdr.e_machine = EM_X86_64;
  c.ehdr.e_phoff = offsetof(Core, notes);
  c.ehdr.e_phnum = 2;
  c.notes.p_type = PT_NOTE;
  c.notes.p_offset = offsetof(Core, status);
  c.notes.p_filesz = offsetof(Core, image) - offsetof(Core, status);
  c.load.p_type = PT_LOAD;
  c.load.p_vaddr = fuzz::kBase;
  c.load.p_memsz = c.load.p_filesz = sizeof c.image;
  c.load.p_offset = offsetof(Core, image);
  head(&c.status, NT_PRSTATUS);
  c.status.data.pr_pid = 77;
  head(&c.info, NT_PRPSINFO);
  c.info.data.pr_pid = 77;
  memcpy(c.info.data.pr_fname, "program", 8);
  head(&c.files, NT_FILE);
  c.files.data = {1, 4096, fuzz::kBase, fuzz::kBase + sizeof c.image, 0, "/nowhere/libgoshim.so"};
  c.image = fuzz::sound_image();
  return c;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Core core = sound_core();
  std::string bytes(reinterpret_cast<const char*>(&core), sizeof core);
  fuzz::change(&bytes, data, size);
  std::string said;
  try {
    tool::Target target =
        tool::read_core(std::make_shared<tool::Bytes>(bytes.data(), bytes.size()), "core");
    said = fuzz::look_at(target);
    if (size == 0)
      FUZZ_CHECK(target.pid == 77 && target.program == "program" && target.threads.count(77) == 1);
  } catch (const tool::Failure&) {
  }
  if (size == 0)
    FUZZ_CHECK(said.compare(0, 25, "worker waiting mutex lock") == 0 &&
               said.find("held by 3") != std::string::npos);
  return 0;
}
