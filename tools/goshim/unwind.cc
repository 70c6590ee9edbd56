#include "unwind.h"

#include <libunwind.h>
#include <setjmp.h>
#include <signal.h>

#include "error.h"

// libunwind exports it for its own ptrace and coredump libraries; <libunwind.h> does not declare it.
extern "C" int _Ux86_64_dwarf_search_unwind_table(unw_addr_space_t as, unw_word_t ip,
                                                  unw_dyn_info_t* di, unw_proc_info_t* pi,
                                                  int need_unwind_info, void* arg);

namespace tool {

struct Unwinder::State {
  explicit State(Target& t) : target(t) {}
  Target& target;
  unw_addr_space_t space = nullptr;
};

namespace {

// libunwind believes what it reads: a damaged table leads it out of its own arrays. While one of these is there such a fault
// ends in where().
class FaultGuard {
 public:
  FaultGuard() {
    struct sigaction action = {};
    action.sa_handler = [](int) { siglongjmp(where(), 1); };
    for (size_t i = 0; i < kCount; i++) sigaction(kSignals[i], &action, &before_[i]);
  }
  ~FaultGuard() {
    for (size_t i = 0; i < kCount; i++) sigaction(kSignals[i], &before_[i], nullptr);
  }
  FaultGuard(const FaultGuard&) = delete;

  static sigjmp_buf& where() {
    static sigjmp_buf buf;
    return buf;
  }

 private:
  static constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGFPE};
  static constexpr size_t kCount = sizeof kSignals / sizeof kSignals[0];
  struct sigaction before_[kCount] = {};
};

int find_proc_info(unw_addr_space_t as, unw_word_t ip, unw_proc_info_t* pi, int need, void* arg) {
  auto& state = *static_cast<Target**>(arg)[0];
  Module* m = state.modules->at(ip);
  if (m == nullptr || m->eh_frame_hdr() == 0) return -UNW_ENOINFO;
  struct Header {
    uint8_t version, eh_frame_ptr, fde_count, table;
    int32_t eh_frame;
    uint32_t count;
  };
  // The encodings that linkers for this machine write.
  const auto h = state.memory->get<Header>(m->eh_frame_hdr());
  if (!h || h->version != 1 || h->eh_frame_ptr != 0x1b || h->fde_count != 0x03 || h->table != 0x3b)
    return -UNW_ENOINFO;
  unw_dyn_info_t di = {};
  di.format = UNW_INFO_FORMAT_REMOTE_TABLE;
  di.start_ip = m->lo();
  di.end_ip = m->hi();
  di.u.rti.segbase = m->eh_frame_hdr();
  di.u.rti.table_data = m->eh_frame_hdr() + sizeof(Header);
  di.u.rti.table_len = uint64_t{h->count} * 8 / sizeof(unw_word_t);
  return _Ux86_64_dwarf_search_unwind_table(as, ip, &di, pi, need, arg);
}

void put_unwind_info(unw_addr_space_t, unw_proc_info_t*, void*) {}
int get_dyn_info_list_addr(unw_addr_space_t, unw_word_t*, void*) { return -UNW_ENOINFO; }

int access_mem(unw_addr_space_t, unw_word_t at, unw_word_t* value, int write, void* arg) {
  if (write != 0) return -UNW_EINVAL;
  auto& target = *static_cast<Target**>(arg)[0];
  return target.memory->read(at, value, sizeof *value) ? 0 : -UNW_EINVAL;
}

int access_reg(unw_addr_space_t, unw_regnum_t reg, unw_word_t* value, int write, void* arg) {
  if (write != 0) return -UNW_EREADONLYREG;
  const Registers& r = *static_cast<const Registers**>(arg)[1];
  switch (reg) {
    case UNW_X86_64_RIP:
      *value = r.rip;
      return 0;
    case UNW_X86_64_RSP:
      *value = r.rsp;
      return 0;
    case UNW_X86_64_RBP:
      *value = r.rbp;
      return 0;
    case UNW_X86_64_RBX:
      *value = r.rbx;
      return 0;
    case UNW_X86_64_R12:
      *value = r.r12;
      return 0;
    case UNW_X86_64_R13:
      *value = r.r13;
      return 0;
    case UNW_X86_64_R14:
      *value = r.r14;
      return 0;
    case UNW_X86_64_R15:
      *value = r.r15;
      return 0;
    case UNW_X86_64_RAX:
      *value = r.rax;
      return 0;
    case UNW_X86_64_RCX:
      *value = r.rcx;
      return 0;
    case UNW_X86_64_RDX:
      *value = r.rdx;
      return 0;
    case UNW_X86_64_RSI:
      *value = r.rsi;
      return 0;
    case UNW_X86_64_RDI:
      *value = r.rdi;
      return 0;
    case UNW_X86_64_R8:
      *value = r.r8;
      return 0;
    case UNW_X86_64_R9:
      *value = r.r9;
      return 0;
    case UNW_X86_64_R10:
      *value = r.r10;
      return 0;
    case UNW_X86_64_R11:
      *value = r.r11;
      return 0;
    default:
      return -UNW_EBADREG;
  }
}

int access_fpreg(unw_addr_space_t, unw_regnum_t, unw_fpreg_t*, int, void*) { return -UNW_EBADREG; }
int resume(unw_addr_space_t, unw_cursor_t*, void*) { return -UNW_EINVAL; }
int get_proc_name(unw_addr_space_t, unw_word_t, char*, size_t, unw_word_t*, void*) {
  return -UNW_ENOINFO;
}

}  // namespace

Unwinder::Unwinder(Target& target) : state_(std::make_unique<State>(target)) {
  static unw_accessors_t accessors = {find_proc_info, put_unwind_info, get_dyn_info_list_addr,
                                      access_mem,     access_reg,      access_fpreg,
                                      resume,         get_proc_name};
  state_->space = unw_create_addr_space(&accessors, 0);
  if (state_->space == nullptr) fail("libunwind does not start");
  unw_set_caching_policy(state_->space, UNW_CACHE_GLOBAL);
}

Unwinder::~Unwinder() { unw_destroy_addr_space(state_->space); }

namespace {

void walk(const Target& target, unw_cursor_t* cursor, size_t max, std::vector<uint64_t>* out) {
  unw_word_t last_sp = 0;
  bool after_signal = false;
  do {
    unw_word_t ip = 0, sp = 0;
    if (unw_get_reg(cursor, UNW_REG_IP, &ip) != 0 || ip == 0) break;
    unw_get_reg(cursor, UNW_REG_SP, &sp);
    // Where there is no table libunwind guesses; a guess leads out of the code, or in circles.
    if (target.modules->at(ip) == nullptr && !out->empty()) break;
    if (sp < last_sp && !after_signal) break;
    last_sp = sp;
    after_signal = unw_is_signal_frame(cursor) > 0;  // it may have had a stack of its own
    out->push_back(ip);
  } while (out->size() < max && unw_step(cursor) > 0);
}

}  // namespace

std::vector<uint64_t> Unwinder::unwind(const Registers& registers, size_t max) {
  const void* arg[2] = {&state_->target, &registers};
  std::vector<uint64_t> out;
  unw_cursor_t cursor;
  const FaultGuard guard;
  // After a fault: what was found until then.
  if (sigsetjmp(FaultGuard::where(), 1) == 0 && unw_init_remote(&cursor, state_->space, arg) == 0)
    walk(state_->target, &cursor, max, &out);
  if (out.empty()) out.push_back(registers.rip);
  return out;
}

}  // namespace tool
