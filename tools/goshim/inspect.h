// goshim's own structures in a target, as include/goshim/layout.h describes them.
#pragma once

#include <stdint.h>

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "goshim/layout.h"
#include "target.h"

namespace tool {

struct Counter {
  std::string name;
  bool is_gauge = false;
  int64_t value = 0;
};

struct GInfo {
  uint64_t address = 0, goid = 0, tcb = 0, context = 0, m = 0, stack_lo = 0, stack_hi = 0;
  uint64_t wait_on = 0, park_word = 0;
  int64_t wait_since = 0;
  int32_t tid = 0;
  uint32_t status = 0;
  uint8_t kind = 0, reason = 0;
  std::string name;

  uint64_t waits() const { return park_word >> 8; }  // so far
  bool is_waiting() const;
};

struct MInfo {
  uint64_t address = 0, curg = 0, g0_stack_lo = 0, g0_stack_hi = 0;
  int32_t id = 0, tid = 0;
  bool blocking = false, spinning = false, wired = false;
};

struct PInfo {
  int32_t id = 0, m = 0, timers = 0;
  uint32_t status = 0, schedtick = 0, queued = 0;
};

enum Parts : unsigned { kGs = 1, kMs = 2, kPs = 4 };

struct Snapshot {
  bool started = false;
  bool whole = true;  // false: the list of Gs changed while it was read, some are missing
  int64_t now = 0;
  std::vector<Counter> counters;
  std::vector<GInfo> gs;
  std::vector<MInfo> ms;
  std::vector<PInfo> ps;

  std::unordered_map<int32_t, size_t> by_tid;       // into gs
  std::unordered_map<uint64_t, size_t> by_address;  // into gs

  int64_t counter(const std::string& name) const;
};

class Inspector {
 public:
  // Finds the library in the target; fails with one line.
  explicit Inspector(Target& target);

  Snapshot read(unsigned parts);

  const goshim_memory_layout& layout() const { return layout_; }
  std::string reason(uint8_t r) const;
  unsigned reason_on(uint8_t r) const;
  const std::vector<goshim_wait_reason>& reasons() const { return reasons_; }
  Module* library() const { return library_; }

  // "fd 7", "mutex 0x... held by 5 \"name\""; empty if it waits for nothing that has a name.
  std::string waits_for(const GInfo& g, const Snapshot& all);

 private:
  void read_gs(Snapshot& s);
  void read_ms(Snapshot& s);
  void read_ps(Snapshot& s);
  GInfo read_g(uint64_t address);
  std::string holder(int32_t tid, const Snapshot& all) const;

  Target& target_;
  Module* library_ = nullptr;
  goshim_memory_layout layout_ = {};
  std::vector<goshim_counter> counters_;
  std::vector<goshim_wait_reason> reasons_;
};

const char* status_name(const GInfo& g);

}  // namespace tool
