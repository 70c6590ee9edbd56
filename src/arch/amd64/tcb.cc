#include "arch/amd64/tcb.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <locale.h>
#include <string.h>

#include "arch/amd64/fsbase.h"
#include "arch/amd64/thread_freeres.h"
#include "os/elf.h"
#include "os/syscall.h"

namespace goshim {

uint32_t tcb_tid_offset = 0;

namespace {

// tcbhead_t, fixed by the x86-64 TLS ABI and gcc's stack protector.
struct Header {
  void* tcb;
  struct Dtv* dtv;
  void* self;
  int32_t multiple_threads;
  int32_t gscope_flag;
  uintptr_t sysinfo;
  uintptr_t stack_guard;
  uintptr_t pointer_guard;
};
static_assert(offsetof(Header, self) == 0x10 && offsetof(Header, multiple_threads) == 0x18 &&
              offsetof(Header, stack_guard) == 0x28 && offsetof(Header, pointer_guard) == 0x30);

// dtv_t: entry 0 is the generation, entry -1 the length.
struct Dtv {
  union {
    size_t counter;
    void* val;
  };
  void* to_free;
};
void* const kDtvUnallocated = reinterpret_cast<void*>(-1l);

// At least sizeof(struct __res_state) of any supported glibc (568 in 2.36); <resolv.h> defines too many macros.
constexpr size_t kResState = 640;

struct Layout {
  bool ready;
  const char* error;
  size_t static_size;  // static TLS and TCB, as ld.so says
  size_t static_align;
  size_t pthread_size;  // sizeof(struct pthread)
  uint32_t cancelhandling;
  uint32_t map_tls_offset;  // of l_tls_offset in struct link_map
  uint32_t robust_head;
  ptrdiff_t rseq;
  ptrdiff_t resp;  // of the TLS variable __resp, from %fs
  void* (*allocate_tls)(void*);
  void (*ctype_init)();
  void (*program_free)(void*);
  ThreadFreeres thread_freeres;  // nullptr: not found, so libc's TLS is left as it is
  TlsModule libc;                // likewise
};
constinit Layout layout = {};

template <typename T>
T sym(const char* name) {
  return reinterpret_cast<T>(dlsym(RTLD_DEFAULT, name));
}

// A field descriptor of libthread_db: size in bits, count, offset in bytes.
uint32_t descriptor_offset(const char* name) {
  auto* d = sym<const uint32_t*>(name);
  return d != nullptr ? d[2] : 0;
}

char* at(void* tcb, ptrdiff_t off) { return static_cast<char*>(tcb) + off; }

template <typename T>
T& field(void* tcb, ptrdiff_t off) {
  return *reinterpret_cast<T*>(at(tcb, off));
}

const char* find_robust_head(void* self) {
  void* head = nullptr;
  size_t len = 0;
  if (os::sys(SYS_get_robust_list, 0, &head, &len) != 0) return "the kernel has no robust lists";
  if (head == nullptr) {
    // The child of a clone() that libc knows nothing of. The head follows tid and one pointer; empty, it points to itself.
    head = at(self, tcb_tid_offset + 16);
    if (*static_cast<void**>(head) != head) return "no robust list found in the TCB";
  }
  ptrdiff_t off = static_cast<char*>(head) - static_cast<char*>(self);
  if (off <= 0 || off >= static_cast<ptrdiff_t>(layout.pthread_size)) {
    return "the robust list head is not in the TCB";
  }
  layout.robust_head = static_cast<uint32_t>(off);
  return nullptr;
}

void find_thread_end();

const char* find_layout() {
  void* self = get_fsbase();
  if (field<Header>(self, 0).tcb != self) return "the TCB does not point to itself";
  if (tcb_find_tid_offset() == 0) return "no thread id found in the TCB";

  auto* get_info = sym<void (*)(size_t*, size_t*)>("_dl_get_tls_static_info");
  auto* size = sym<const uint32_t*>("_thread_db_sizeof_pthread");
  layout.allocate_tls = sym<void* (*)(void*)>("_dl_allocate_tls");
  layout.ctype_init = sym<void (*)()>("__ctype_init");
  layout.program_free = sym<void (*)(void*)>("free");
  void* resp = dlsym(RTLD_DEFAULT, "__resp");
  if (get_info == nullptr || size == nullptr || layout.allocate_tls == nullptr ||
      layout.ctype_init == nullptr || layout.program_free == nullptr || resp == nullptr) {
    return "a private symbol of glibc is missing";
  }
  get_info(&layout.static_size, &layout.static_align);
  layout.pthread_size = *size;
  if (layout.static_align < 64) layout.static_align = 64;
  if (layout.static_align > 4096 || layout.static_size < layout.pthread_size ||
      layout.static_size > (1 << 20)) {
    return "static TLS has an unlikely size";
  }
  layout.resp = static_cast<char*>(resp) - static_cast<char*>(self);
  if (layout.resp >= 0) return "__resp is not in static TLS";
  layout.cancelhandling = descriptor_offset("_thread_db_pthread_cancelhandling");
  layout.map_tls_offset = descriptor_offset("_thread_db_link_map_l_tls_offset");

  if (auto* rseq = sym<const ptrdiff_t*>("__rseq_offset"); rseq != nullptr) layout.rseq = *rseq;
  find_thread_end();
  return find_robust_head(self);
}

struct PhdrArg {
  TlsModule* out;
  int cap;
  int n;
  bool any_dynamic = false;
};

bool holds(const dl_phdr_info* info, uintptr_t address) {
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const auto& ph = info->dlpi_phdr[i];
    if (ph.p_type == PT_LOAD && address - (info->dlpi_addr + ph.p_vaddr) < ph.p_memsz) return true;
  }
  return false;
}

bool is_libc(const dl_phdr_info* info) {
  return holds(info, reinterpret_cast<uintptr_t>(layout.ctype_init));
}
bool is_ours(const dl_phdr_info* info) { return holds(info, reinterpret_cast<uintptr_t>(&layout)); }

const link_map* map_of(const dl_phdr_info* info) {
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const auto& ph = info->dlpi_phdr[i];
    if (ph.p_type != PT_DYNAMIC) continue;
    const auto* dynamic = reinterpret_cast<const ElfW(Dyn)*>(info->dlpi_addr + ph.p_vaddr);
    const link_map* map = _r_debug.r_map;
    while (map != nullptr && map->l_ld != dynamic) map = map->l_next;
    return map;
  }
  return nullptr;
}

// Where a module's TLS lies relative to %fs, if it is in the static block: negative; else 0. What the loader tells of the
// calling thread does not say so of a library that came after that thread.
ptrdiff_t static_offset(const dl_phdr_info* info) {
  const link_map* map = layout.map_tls_offset != 0 ? map_of(info) : nullptr;
  if (map == nullptr) {
    if (info->dlpi_tls_data == nullptr) return 0;
    return static_cast<char*>(info->dlpi_tls_data) - static_cast<char*>(get_fsbase());
  }
  ptrdiff_t below;  // 0: none yet, -1: never
  memcpy(&below, reinterpret_cast<const char*>(map) + layout.map_tls_offset, sizeof below);
  return below > 0 ? -below : 0;
}

int collect(dl_phdr_info* info, PhdrArg* arg) {
  const ptrdiff_t off = static_offset(info);
  // Dynamic TLS lies elsewhere; tcb_drop_dynamic frees it through the DTV.
  if (off >= 0 || off < -static_cast<ptrdiff_t>(layout.static_size)) {
    arg->any_dynamic = true;
    return 0;
  }
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const auto& ph = info->dlpi_phdr[i];
    if (ph.p_type != PT_TLS) continue;
    if (arg->n < arg->cap) {
      arg->out[arg->n] = {off, reinterpret_cast<const char*>(info->dlpi_addr + ph.p_vaddr),
                          ph.p_filesz, ph.p_memsz};
    }
    arg->n++;
  }
  return 0;
}

int collect_module(dl_phdr_info* info, size_t, void* p) {
  if (info->dlpi_tls_modid == 0 || is_ours(info) || is_libc(info)) return 0;
  return collect(info, static_cast<PhdrArg*>(p));
}

int collect_libc(dl_phdr_info* info, size_t, void* p) {
  if (info->dlpi_tls_modid == 0 || !is_libc(info)) return 0;
  return collect(info, static_cast<PhdrArg*>(p));
}

// start_thread is static, and its only user in the same file.
constexpr uintptr_t kNearCreate = 16 << 10;

ThreadFreeres find_freeres() {
  os::ElfImage libc;
  if (!os::elf_image_of(reinterpret_cast<const void*>(layout.ctype_init), &libc)) return nullptr;
  const auto* dtors = libc.find("__call_tls_dtors").entry;
  const auto* nthreads = sym<const int*>("__nptl_nthreads");
  const auto create = reinterpret_cast<uintptr_t>(libc.find("pthread_create").entry);
  if (dtors == nullptr || nthreads == nullptr || create == 0) return nullptr;
  const uintptr_t lo = create - libc.text_lo > kNearCreate ? create - kNearCreate : libc.text_lo;
  const uintptr_t hi = libc.text_hi - create > kNearCreate ? create + kNearCreate : libc.text_hi;
  return find_thread_freeres(reinterpret_cast<const uint8_t*>(lo),
                             reinterpret_cast<const uint8_t*>(hi), dtors, nthreads);
}

void find_thread_end() {
  PhdrArg arg = {&layout.libc, 1, 0};
  dl_iterate_phdr(&collect_libc, &arg);
  if (arg.n == 1) layout.thread_freeres = find_freeres();
}

void to_image(void* tcb, const TlsModule& m) {
  memcpy(at(tcb, m.offset), m.image, m.image_size);
  memset(at(tcb, m.offset + static_cast<ptrdiff_t>(m.image_size)), 0, m.size - m.image_size);
}

void fill_header(void* tcb, int32_t tid) {
  const auto& mine = field<Header>(get_fsbase(), 0);
  auto& h = field<Header>(tcb, 0);
  h.tcb = h.self = tcb;
  h.multiple_threads = 1;
  h.stack_guard = mine.stack_guard;
  h.pointer_guard = mine.pointer_guard;
  tcb_set_tid(tcb, tid);
  // glibc's list node stands right before tid; fork's clean-up unlinks it, so it must be a list of itself.
  auto** node = &field<void*>(tcb, tcb_tid_offset - 16);
  node[0] = node[1] = node;
  // An empty robust list points to itself; the distance from a node to its lock is the same for all.
  auto** head = &field<void*>(tcb, layout.robust_head);
  head[0] = head;
  head[1] = field<void*>(get_fsbase(), layout.robust_head + static_cast<ptrdiff_t>(sizeof(void*)));
  // rseq is registered for the kernel thread, not for us: libc must ask the kernel for the CPU.
  if (layout.rseq != 0) field<int32_t>(tcb, layout.rseq + 4) = -2;
}

}  // namespace

uint32_t tcb_find_tid_offset() {
  if (tcb_tid_offset != 0) return tcb_tid_offset;
  const int32_t tid = os::gettid();
  void* self = get_fsbase();
  uint32_t off = descriptor_offset("_thread_db_pthread_tid");
  if (off == 0 || field<int32_t>(self, off) != tid) {
    // No descriptor, or it lies: the first word past the header that holds our tid.
    for (off = 0x200; off < 0x400; off += 4) {
      if (field<int32_t>(self, off) == tid) break;
    }
    if (off == 0x400) return 0;
  }
  tcb_tid_offset = off;
  return off;
}

const char* tcb_init() {
  if (!layout.ready) {
    layout.error = find_layout();
    layout.ready = true;
  }
  return layout.error;
}

size_t tls_block_align() { return layout.static_align; }

size_t tls_block_size() {
  // sizeof(struct pthread) is a multiple of 64: with a larger alignment the TCB may lie that much lower than the end.
  const size_t slack = layout.static_align - 64;
  return ((layout.static_size + slack + layout.static_align - 1) & ~(layout.static_align - 1)) +
         kResState;
}

void* tcb_make(void* block_hi, int32_t tid) {
  void* tcb = reinterpret_cast<void*>(
      (reinterpret_cast<uintptr_t>(block_hi) - layout.pthread_size) & ~(layout.static_align - 1));
  if (layout.allocate_tls(tcb) == nullptr) return nullptr;
  fill_header(tcb, tid);
  // Our resolver state is at the low end of the block, below static TLS.
  char* res = at(block_hi, -static_cast<ptrdiff_t>(tls_block_size()));
  field<void*>(tcb, layout.resp) = res;
  return tcb;
}

void* tcb_make_g0(void* block_hi, int32_t tid) {
  void* tcb = reinterpret_cast<void*>(
      (reinterpret_cast<uintptr_t>(block_hi) - layout.pthread_size) & ~(layout.static_align - 1));
  fill_header(tcb, tid);
  return tcb;
}

int tcb_modules(TlsModule* out, int cap, bool* any_dynamic) {
  PhdrArg arg = {out, cap, 0};
  dl_iterate_phdr(&collect_module, &arg);
  if (arg.any_dynamic) *any_dynamic = true;
  return arg.n;
}

void tcb_reset_static(void* tcb, const TlsModule* modules, int n) {
  for (int i = 0; i < n; i++) to_image(tcb, modules[i]);
  if (layout.cancelhandling != 0) field<uint32_t>(tcb, layout.cancelhandling) = 0;
}

void tcb_clear_module(void* tcb, const TlsModule& m) { memset(at(tcb, m.offset), 0, m.size); }

void tcb_begin_module(void* tcb, const TlsModule& m) {
  const char* now = at(tcb, m.offset);
  for (size_t i = 0; i < m.size; i++) {
    if (now[i] != 0) return;
  }
  memcpy(at(tcb, m.offset), m.image, m.image_size);
}

void tcb_reset_by_loader(void* tcb) {
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t size, void* p) {
        TlsModule m = {};
        PhdrArg arg = {&m, 1, 0};
        collect_module(info, size, &arg);
        tcb_reset_static(p, &m, arg.n);
        return 0;
      },
      tcb);
}

size_t tcb_tls_generation(const void* tcb) {
  return static_cast<const Header*>(tcb)->dtv[0].counter;
}

void tcb_drop_dynamic(void* tcb) {
  Dtv* dtv = field<Header>(tcb, 0).dtv;
  for (size_t i = 1; i <= dtv[-1].counter; i++) {
    if (dtv[i].to_free == nullptr) continue;
    layout.program_free(dtv[i].to_free);
    dtv[i].to_free = nullptr;
    dtv[i].val = kDtvUnallocated;
  }
}

void tcb_enter_thread() {
  layout.ctype_init();
  uselocale(LC_GLOBAL_LOCALE);
  errno = 0;  // lint: allow, because a new thread starts with it
}

void tcb_leave_thread() {
  if (layout.thread_freeres != nullptr) layout.thread_freeres();
}

void tcb_renew_libc(void* tcb) {
  if (layout.thread_freeres == nullptr) return;
  void* res = field<void*>(tcb, layout.resp);
  to_image(tcb, layout.libc);
  field<void*>(tcb, layout.resp) = res;
}

void* tcb_robust_head(void* tcb) { return at(tcb, layout.robust_head); }

}  // namespace goshim
