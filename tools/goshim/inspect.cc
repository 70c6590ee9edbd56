#include "inspect.h"

#include <stddef.h>
#include <string.h>

#include <algorithm>
#include <set>

#include "error.h"

namespace tool {

namespace {

constexpr size_t kMaxGs = 20'000'000;
constexpr size_t kMaxMs = 1'000'000;
constexpr int32_t kMaxPs = 1024;
constexpr uint32_t kMaxRows = 1024;
constexpr size_t kMaxObject = 1 << 15;  // a G, M or P
constexpr uint32_t kRunqLen = 256;

template <typename T>
uint64_t as_address(const T* p) {
  return reinterpret_cast<uint64_t>(p);
}

// One object, copied, with its fields by offset.
class Object {
 public:
  Object(Memory& memory, uint64_t address, size_t size) : bytes_(size, 0) {
    valid_ = size <= kMaxObject && memory.read(address, bytes_.data(), size);
  }
  bool is_valid() const { return valid_; }
  template <typename T>
  T get(size_t offset) const {
    T value = {};
    if (offset + sizeof(T) <= bytes_.size()) memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }

 private:
  std::string bytes_;
  bool valid_;
};

// A table that the layout points to.
template <typename T>
std::vector<T> read_table(Memory& memory, const T* at, uint32_t count) {
  std::vector<T> out(std::min(count, kMaxRows));
  if (!out.empty() && !memory.read(as_address(at), out.data(), out.size() * sizeof(T)))
    fail("goshim's tables in the process cannot be read");
  for (T& row : out) row.name[sizeof row.name - 1] = 0;
  return out;
}

}  // namespace

bool GInfo::is_waiting() const {
  // A foreign or wired thread sleeps in the kernel while its park word says so.
  return status == GOSHIM_G_WAITING ||
         ((kind == GOSHIM_G_FOREIGN || kind == GOSHIM_G_WIRED) && (park_word & 15) == 4);
}

const char* status_name(const GInfo& g) {
  if (g.is_waiting()) return "waiting";
  if (g.kind == GOSHIM_G_FOREIGN) return "running";
  switch (g.status) {
    case GOSHIM_G_RUNNABLE:
      return "runnable";
    case GOSHIM_G_RUNNING:
    case GOSHIM_G_PROGRAM:
      return "running";
    case GOSHIM_G_DEAD:
      return "ended, not joined";
    default:
      return "idle";
  }
}

int64_t Snapshot::counter(const std::string& name) const {
  for (const Counter& c : counters) {
    if (c.name == name) return c.value;
  }
  return 0;
}

Inspector::Inspector(Target& target) : target_(target) {
  const std::string who = target.alive       ? "process " + std::to_string(target.pid)
                          : target.truncated ? "the core file is truncated; its process"
                                             : "the core file's process";
  uint64_t at = 0;
  for (auto& module : target.modules->all()) {
    if (module->name().compare(0, 9, "libgoshim") != 0) continue;
    library_ = module.get();
    at = module->exported("goshim_layout");
    if (at != 0) break;
  }
  if (library_ == nullptr) fail(who + " does not have goshim loaded");
  if (at == 0) fail(who + ": its " + library_->name() + " has no goshim_layout");
  // An older library's is shorter.
  const auto size = target.memory->get<uint32_t>(at + offsetof(goshim_memory_layout, size));
  if (!size || !target.memory->read(at, &layout_, std::min<size_t>(*size, sizeof layout_)) ||
      memcmp(layout_.magic, GOSHIM_LAYOUT_MAGIC, sizeof layout_.magic) != 0)
    fail(who + ": goshim_layout is not what it should be (truncated, or another libgoshim.so)");
  if (layout_.version != GOSHIM_LAYOUT_VERSION)
    fail(who + " has goshim's layout " + std::to_string(layout_.version) + ", this tool knows " +
         std::to_string(GOSHIM_LAYOUT_VERSION));
  layout_.library[sizeof layout_.library - 1] = 0;
  counters_ = read_table(*target.memory, layout_.counters, layout_.counter_count);
  reasons_ = read_table(*target.memory, layout_.reasons, layout_.reason_count);
}

std::string Inspector::reason(uint8_t r) const {
  return r < reasons_.size() ? reasons_[r].name : "reason " + std::to_string(r);
}

unsigned Inspector::reason_on(uint8_t r) const {
  return r < reasons_.size() ? reasons_[r].on : uint32_t{GOSHIM_ON_NOTHING};
}

Snapshot Inspector::read(unsigned parts) {
  Snapshot s;
  Memory& mem = *target_.memory;
  s.started = mem.get<uint32_t>(as_address(layout_.started)).value_or(0) != 0;
  s.now = target_.now != 0 ? target_.now : mem.get<int64_t>(as_address(layout_.now)).value_or(0);
  for (const goshim_counter& c : counters_) {
    Counter out = {c.name, c.kind == GOSHIM_GAUGE, 0};
    if (c.size == 4) out.value = mem.get<int32_t>(as_address(c.address)).value_or(0);
    if (c.size == 8) out.value = mem.get<int64_t>(as_address(c.address)).value_or(0);
    s.counters.push_back(std::move(out));
  }
  if ((parts & kPs) != 0) read_ps(s);
  if ((parts & kMs) != 0) read_ms(s);
  if ((parts & kGs) != 0) read_gs(s);
  return s;
}

GInfo Inspector::read_g(uint64_t address) {
  const auto& l = layout_.g;
  const Object o(*target_.memory, address, l.size);
  GInfo g;
  if (!o.is_valid()) return g;
  g.address = address;
  g.goid = o.get<uint64_t>(l.goid);
  g.tcb = o.get<uint64_t>(l.tcb);
  g.context = o.get<uint64_t>(l.context);
  g.m = o.get<uint64_t>(l.m);
  g.stack_lo = o.get<uint64_t>(l.stack_lo);
  g.stack_hi = o.get<uint64_t>(l.stack_hi);
  g.wait_on = o.get<uint64_t>(l.wait_on);
  g.park_word = o.get<uint64_t>(l.park_word);
  g.wait_since = o.get<int64_t>(l.wait_since);
  g.tid = o.get<int32_t>(l.tid);
  g.status = o.get<uint32_t>(l.status);
  g.kind = o.get<uint8_t>(l.kind);
  g.reason = o.get<uint8_t>(l.wait_reason);
  uint64_t thread = o.get<uint64_t>(l.thread);
  if (thread == 0 && g.kind != GOSHIM_G_FOREIGN) thread = as_address(layout_.main_thread);
  if (thread != 0) g.name = target_.memory->text(thread + layout_.thread.name, 16);
  return g;
}

void Inspector::read_gs(Snapshot& s) {
  Memory& mem = *target_.memory;
  std::set<uint64_t> seen;
  uint64_t at = mem.get<uint64_t>(as_address(layout_.allgs)).value_or(0);
  while (at != 0 && s.gs.size() < kMaxGs) {
    if (!seen.insert(at).second) break;
    GInfo g = read_g(at);
    const auto next = mem.get<uint64_t>(at + layout_.g.all_next);
    if (g.address == 0 || !next) {
      s.whole = false;
      break;
    }
    // One that was freed under our eyes is in no list, or in another; what follows it is lost.
    if (g.status != GOSHIM_G_IDLE || g.kind == GOSHIM_G_FOREIGN) s.gs.push_back(std::move(g));
    at = *next;
  }
  std::sort(s.gs.begin(), s.gs.end(),
            [](const GInfo& a, const GInfo& b) { return a.goid < b.goid; });
  for (size_t i = 0; i < s.gs.size(); i++) {
    s.by_tid[s.gs[i].tid] = i;
    s.by_address[s.gs[i].address] = i;
  }
  if (static_cast<int64_t>(s.gs.size()) < s.counter("goroutines")) s.whole = false;
}

void Inspector::read_ms(Snapshot& s) {
  Memory& mem = *target_.memory;
  const auto& l = layout_.m;
  uint64_t at = mem.get<uint64_t>(as_address(layout_.allm)).value_or(0);
  while (at != 0 && s.ms.size() < kMaxMs) {
    const Object o(mem, at, l.size);
    if (!o.is_valid()) return;
    MInfo m;
    m.address = at;
    m.id = o.get<int32_t>(l.id);
    m.tid = o.get<int32_t>(l.tid);
    m.curg = o.get<uint64_t>(l.curg);
    m.blocking = o.get<uint32_t>(l.blocking) != 0;
    m.spinning = o.get<uint8_t>(l.spinning) != 0;
    m.wired = o.get<uint8_t>(l.wired) != 0;
    const uint64_t g0 = o.get<uint64_t>(l.g0);
    m.g0_stack_lo = mem.get<uint64_t>(g0 + layout_.g.stack_lo).value_or(0);
    m.g0_stack_hi = mem.get<uint64_t>(g0 + layout_.g.stack_hi).value_or(0);
    at = o.get<uint64_t>(l.all_next);
    if (m.tid != 0) s.ms.push_back(m);
  }
  std::sort(s.ms.begin(), s.ms.end(), [](const MInfo& a, const MInfo& b) { return a.id < b.id; });
}

void Inspector::read_ps(Snapshot& s) {
  Memory& mem = *target_.memory;
  const auto& l = layout_.p;
  const int32_t n = std::min(mem.get<int32_t>(as_address(layout_.nprocs)).value_or(0), kMaxPs);
  for (int32_t i = 0; i < n; i++) {
    const auto at =
        mem.get<uint64_t>(as_address(layout_.allp) + 8 * static_cast<uint64_t>(i)).value_or(0);
    const Object o(mem, at, l.size);
    if (!o.is_valid()) continue;
    PInfo p;
    p.id = o.get<int32_t>(l.id);
    const auto word = o.get<uint64_t>(l.word);
    p.m = static_cast<int32_t>(word >> 8);
    p.status = static_cast<uint32_t>(word & 255);
    p.schedtick = o.get<uint32_t>(l.schedtick);
    p.timers = o.get<int32_t>(l.timers);
    const uint32_t queued = o.get<uint32_t>(l.runq_tail) - o.get<uint32_t>(l.runq_head);
    p.queued = std::min(queued, kRunqLen) + (o.get<uint64_t>(l.runq_next) != 0 ? 1 : 0);
    s.ps.push_back(p);
  }
}

std::string Inspector::holder(int32_t tid, const Snapshot& all) const {
  if (tid == 0) return {};
  const auto found = all.by_tid.find(tid);
  if (found != all.by_tid.end()) {
    const GInfo& g = all.gs[found->second];
    return ", held by " + std::to_string(g.goid) + (g.name.empty() ? "" : " \"" + g.name + "\"");
  }
  return ", held by tid " + std::to_string(tid) + ", which is no thread of it";
}

std::string Inspector::waits_for(const GInfo& g, const Snapshot& all) {
  Memory& mem = *target_.memory;
  char text[64] = "";
  switch (reason_on(g.reason)) {
    case GOSHIM_ON_FD:
      return "fd " + std::to_string(g.wait_on);
    case GOSHIM_ON_FDS: {
      const uint64_t n = g.wait_on >> 32, first = g.wait_on & UINT32_MAX;
      if (n == 0) return {};
      if (n == 1) return "fd " + std::to_string(first);
      return std::to_string(n) + " fds, the first is " + std::to_string(first);
    }
    case GOSHIM_ON_MUTEX:
      snprintf(text, sizeof text, "0x%lx", g.wait_on);
      // pthread_mutex_t's __owner
      return text + holder(mem.get<int32_t>(g.wait_on + 8).value_or(0), all);
    case GOSHIM_ON_RWLOCK:
      snprintf(text, sizeof text, "0x%lx", g.wait_on);
      // pthread_rwlock_t's __cur_writer
      return text + holder(mem.get<int32_t>(g.wait_on + 24).value_or(0), all);
    case GOSHIM_ON_ADDRESS:
      snprintf(text, sizeof text, "0x%lx", g.wait_on);
      return text;
    case GOSHIM_ON_G: {
      const auto found = all.by_address.find(g.wait_on);
      if (found == all.by_address.end()) return {};
      return "the end of " + std::to_string(all.gs[found->second].goid);
    }
    default:
      return {};
  }
}

}  // namespace tool
