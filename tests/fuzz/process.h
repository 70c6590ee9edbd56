// For the fuzz targets that read other processes' memory: a process with goshim in it, as small as can be, and everything
// that the tools look at in one.
//
// An input is a list of changes to that memory, so that whatever it says most of what is behind it can still be reached;
// the empty input is a sound process.
#pragma once

#include <elf.h>
#include <stddef.h>
#include <string.h>

#include <algorithm>
#include <memory>
#include <string>

#include "error.h"
#include "fuzz.h"
#include "goshim/layout.h"
#include "inspect.h"
#include "target.h"
#include "unwind.h"

namespace fuzz {

constexpr uint64_t kBase = 0x10000;
constexpr int kGs = 3, kMs = 2, kReasons = 3, kCounters = 2;

struct FakeG {
  uint64_t goid, tcb, context, m, stack_lo, stack_hi, wait_on, park_word, thread, next;
  int64_t wait_since, cpu_used;
  int32_t tid;
  uint32_t status;
  uint8_t kind, reason;
};
struct FakeM {
  uint64_t g0, curg, next;
  int32_t id, tid;
  uint32_t blocking;
  uint8_t spinning, wired;
};
struct FakeP {
  uint64_t word, runq_next;
  int32_t id, timers;
  uint32_t schedtick, runq_head, runq_tail;
};

// Its memory, from kBase on, which is also the file it was loaded from.
struct Image {
  Elf64_Ehdr ehdr;
  Elf64_Phdr load, dynamic, frames, note;
  Elf64_Dyn dyn[4];
  uint32_t hash[7];  // four words of header, no Bloom filter, a bucket, a chain
  char strings[40];
  Elf64_Sym symbols[3];
  Elf64_Shdr sections[3];
  struct {
    Elf64_Nhdr head;
    char name[4];
    uint8_t id[8];
  } build_id;
  struct {
    uint8_t encodings[4];
    int32_t eh_frame;
    uint32_t count;
    int32_t location, fde;
  } frame_table;
  uint8_t eh_frame[48];
  goshim_memory_layout layout;
  goshim_counter counters[kCounters];
  goshim_wait_reason reasons[kReasons];
  char names[2][16];
  uint64_t allp[1], allm, allgs, started;
  int64_t now;
  int32_t nprocs, goroutines;
  FakeG g[kGs];
  FakeM m[kMs];
  FakeP p;
  int32_t mutex[8];
  uint64_t stack[32];
};

#define IMAGE_AT(field) (kBase + offsetof(Image, field))
#define IMAGE_POINTER(T, field) reinterpret_cast<const T*>(IMAGE_AT(field))

inline void fill_elf(Image* i) {
  memcpy(i->ehdr.e_ident, ELFMAG, SELFMAG);
  i->ehdr.e_ident[EI_CLASS] = ELFCLASS64;
  i->ehdr.e_machine = EM_X86_64;
  i->ehdr.e_phoff = offsetof(Image, load);
  i->ehdr.e_phentsize = sizeof(Elf64_Phdr);
  i->ehdr.e_phnum = 4;
  i->ehdr.e_shoff = offsetof(Image, sections);
  i->ehdr.e_shnum = 3;
  i->load.p_type = PT_LOAD;
  i->load.p_memsz = sizeof(Image);
  i->dynamic.p_type = PT_DYNAMIC;
  i->dynamic.p_vaddr = offsetof(Image, dyn);
  i->frames.p_type = PT_GNU_EH_FRAME;
  i->frames.p_vaddr = offsetof(Image, frame_table);
  i->note.p_type = PT_NOTE;
  i->note.p_vaddr = offsetof(Image, build_id);
  i->note.p_memsz = sizeof i->build_id;
  i->dyn[0] = {DT_SYMTAB, {offsetof(Image, symbols)}};
  i->dyn[1] = {DT_STRTAB, {offsetof(Image, strings)}};
  i->dyn[2] = {DT_GNU_HASH, {offsetof(Image, hash)}};
  memcpy(i->strings, "\0goshim_layout\0_Z4takePv\0x", 27);
  i->symbols[1] = {1, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 1, offsetof(Image, layout), 0};
  i->symbols[2] = {15, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, 1, offsetof(Image, mutex), 64};
  uint32_t h = 5381;
  for (const char* s = "goshim_layout"; *s != 0; s++) h = h * 33 + static_cast<uint8_t>(*s);
  const uint32_t hash[] = {1, 1, 0, 0, 1, h | 1, 0};
  memcpy(i->hash, hash, sizeof hash);
  i->sections[1].sh_type = SHT_SYMTAB;
  i->sections[1].sh_offset = offsetof(Image, symbols);
  i->sections[1].sh_size = sizeof i->symbols;
  i->sections[1].sh_link = 2;
  i->sections[2].sh_type = SHT_STRTAB;
  i->sections[2].sh_offset = offsetof(Image, strings);
  i->sections[2].sh_size = sizeof i->strings;
  i->build_id = {{4, 8, NT_GNU_BUILD_ID}, {'G', 'N', 'U', 0}, {1, 2, 3, 4, 5, 6, 7, 8}};
}

// One table for all its code: the caller's frame is right above the return address.
inline void fill_frames(Image* i) {
  i->frame_table = {{1, 0x1b, 0x03, 0x3b}, 0, 1, 0, 0};
  const auto table = static_cast<int32_t>(offsetof(Image, frame_table));
  const auto eh_frame = static_cast<int32_t>(offsetof(Image, eh_frame));
  i->frame_table.eh_frame = eh_frame - table - 4;
  i->frame_table.location = -table;
  i->frame_table.fde = eh_frame + 24 - table;
  static constexpr uint8_t kFrame[] = {20, 0, 0,    0,  0, 0,    0,    0, 1, 'z',  'R',
                                       0,  1, 0x78, 16, 1, 0x1b, 0x0c, 7, 8, 0x90, 1,
                                       0,  0, 16,   0,  0, 0,    28,   0, 0, 0};
  memcpy(i->eh_frame, kFrame, sizeof kFrame);
  const int32_t code[] = {-eh_frame - 32, static_cast<int32_t>(sizeof(Image))};
  memcpy(i->eh_frame + 32, code, sizeof code);
}

inline void fill_layout(goshim_memory_layout* l) {
  memcpy(l->magic, GOSHIM_LAYOUT_MAGIC, sizeof l->magic);
  l->version = GOSHIM_LAYOUT_VERSION;
  l->size = sizeof *l;
  memcpy(l->library, "0.1.0", 6);
  l->started = IMAGE_POINTER(void, started);
  l->now = IMAGE_POINTER(void, now);
  l->nprocs = IMAGE_POINTER(void, nprocs);
  l->allp = IMAGE_POINTER(void, allp);
  l->allm = IMAGE_POINTER(void, allm);
  l->allgs = IMAGE_POINTER(void, allgs);
  l->main_thread = IMAGE_POINTER(void, names);
  l->counters = IMAGE_POINTER(goshim_counter, counters);
  l->reasons = IMAGE_POINTER(goshim_wait_reason, reasons);
  l->counter_count = kCounters;
  l->reason_count = kReasons;
#define G_AT(field) offsetof(FakeG, field)
  l->g = {sizeof(FakeG), G_AT(kind),    G_AT(status),     G_AT(goid),      G_AT(tid),
          G_AT(tcb),     G_AT(context), G_AT(m),          G_AT(stack_lo),  G_AT(stack_hi),
          G_AT(reason),  G_AT(wait_on), G_AT(wait_since), G_AT(park_word), G_AT(cpu_used),
          G_AT(thread),  G_AT(next)};
#undef G_AT
  l->thread = {16, 0};
#define M_AT(field) offsetof(FakeM, field)
  l->m = {sizeof(FakeM),  M_AT(id),       M_AT(tid),   M_AT(g0),  M_AT(curg),
          M_AT(blocking), M_AT(spinning), M_AT(wired), M_AT(next)};
#undef M_AT
#define P_AT(field) offsetof(FakeP, field)
  l->p = {sizeof(FakeP),   P_AT(id),        P_AT(word),      P_AT(schedtick),
          P_AT(runq_head), P_AT(runq_tail), P_AT(runq_next), P_AT(timers)};
#undef P_AT
  l->context = {64, 56, 48, 40, 32, 24, 16, 8};
}

// Two threads: 1, main, waits for the end of 2, which waits for a mutex that 3 holds; 3 runs.
inline Image sound_image() {
  Image i = {};
  fill_elf(&i);
  fill_frames(&i);
  fill_layout(&i.layout);
  i.counters[0] = {"goroutines", GOSHIM_GAUGE, 4, IMAGE_POINTER(void, goroutines)};
  i.counters[1] = {"maxprocs", GOSHIM_GAUGE, 4, IMAGE_POINTER(void, nprocs)};
  i.reasons[1] = {"mutex lock", GOSHIM_ON_MUTEX};
  i.reasons[2] = {"join", GOSHIM_ON_G};
  memcpy(i.names, "main\0\0\0\0\0\0\0\0\0\0\0\0worker", 22);
  i.allp[0] = IMAGE_AT(p);
  i.allm = IMAGE_AT(m);
  i.allgs = IMAGE_AT(g);
  i.started = 1;
  i.now = 5000;
  i.nprocs = 1;
  i.goroutines = kGs;
  for (int k = 0; k < kGs; k++) {
    FakeG& g = i.g[k];
    g.goid = static_cast<uint64_t>(k) + 1;
    g.tid = 4194305 + k;
    g.kind = GOSHIM_G_NORMAL;
    g.thread = k == 0 ? 0 : IMAGE_AT(names[1]);
    g.next = k + 1 < kGs ? IMAGE_AT(g) + static_cast<uint64_t>(k + 1) * sizeof(FakeG) : 0;
    g.status = GOSHIM_G_WAITING;
    g.context = IMAGE_AT(stack);
    g.stack_lo = IMAGE_AT(stack);
    g.stack_hi = kBase + sizeof(Image);
    g.wait_since = 1000;
  }
  i.g[0].reason = 2;
  i.g[0].wait_on = IMAGE_AT(g[1]);
  i.g[1].reason = 1;
  i.g[1].wait_on = IMAGE_AT(mutex);
  i.g[2].status = GOSHIM_G_PROGRAM;
  i.g[2].m = IMAGE_AT(m);
  i.mutex[2] = i.g[2].tid;
  i.m[0] = {IMAGE_AT(g), IMAGE_AT(g[2]), IMAGE_AT(m[1]), 1, 77, 0, 0, 0};
  i.m[1] = {IMAGE_AT(g), 0, 0, 2, 78, 1, 0, 1};
  i.p = {(1 << 8) | 2, 0, 0, 3, 9, 0, 2};
  // Saved registers, whose last is the instruction pointer, and two return addresses into take().
  i.stack[7] = IMAGE_AT(mutex[1]);
  i.stack[8] = i.stack[9] = IMAGE_AT(mutex[2]);
  return i;
}

// Applies what the input says to `bytes`: how much is missing at the end (2 bytes), then changes, each an offset (2 bytes),
// a length (1) and the new bytes.
inline void change(std::string* bytes, const uint8_t* data, size_t size) {
  if (size < 2) return;
  size_t left = 0;
  const auto word = [&](size_t at) { return static_cast<size_t>(data[at] | data[at + 1] << 8); };
  left = bytes->size() - word(0) % bytes->size();
  for (size_t at = 2; at + 3 < size;) {
    const size_t to = word(at) % bytes->size();
    const size_t n = std::min({size_t{data[at + 2]}, size - at - 3, bytes->size() - to});
    bytes->replace(to, n, reinterpret_cast<const char*>(data) + at + 3, n);
    at += 3 + data[at + 2];
  }
  bytes->resize(left);
}

// All that `goshim stats`, `top` and `stacks` read of a process. Returns what `stacks` would say of the second goroutine.
inline std::string look_at(tool::Target& target) {
  std::string said;
  try {
    tool::Inspector inspector(target);
    const tool::Snapshot all = inspector.read(tool::kGs | tool::kMs | tool::kPs);
    tool::Unwinder unwinder(target);
    for (const tool::GInfo& g : all.gs) {
      const std::string line = g.name + " " + tool::status_name(g) + " " +
                               inspector.reason(g.reason) + " " + inspector.waits_for(g, all);
      tool::Registers r;
      r.rsp = g.context + inspector.layout().context.size;
      r.rip = target.memory->get<uint64_t>(r.rsp - 8).value_or(0);
      std::string frames;
      for (const uint64_t ip : unwinder.unwind(r))
        frames += " " + target.modules->describe(ip, !frames.empty());
      if (g.goid == 2) said = line + frames;
    }
  } catch (const tool::Failure&) {
    // One line is all that a command says then.
  }
  return said;
}

}  // namespace fuzz
