// Which goroutines use the CPU, seen from outside: every so often, the CPU time that each kernel thread has used since
// it was last seen with one is put down to the goroutine it runs at the moment. It costs the process nothing.
#pragma once

#include <stdint.h>

#include <unordered_map>
#include <vector>

#include "inspect.h"

namespace tool {

class CpuSampler {
 public:
  static constexpr int kEveryMs = 17;  // no beat with sysmon's 10 ms or anybody's 20

  CpuSampler(Target& target, const Inspector& inspector)
      : target_(target), curg_(inspector.layout().m.curg) {}
  ~CpuSampler();
  CpuSampler(const CpuSampler&) = delete;

  // The kernel threads there are.
  void follow(const std::vector<MInfo>& ms);
  void sample();
  // CPU time in ns by the goroutine's address, since the last call.
  std::unordered_map<uint64_t, int64_t> take();
  // The kernel tells what a thread used.
  bool works() const { return works_; }

 private:
  struct Thread {
    int32_t tid = 0;
    int fd = -1;  // its schedstat
    int64_t used = -1;
  };
  int64_t used(const Thread& t) const;

  Target& target_;
  uint16_t curg_;
  bool works_ = true;
  std::unordered_map<uint64_t, Thread> threads_;  // by the M's address
  std::unordered_map<uint64_t, int64_t> by_g_;
};

}  // namespace tool
