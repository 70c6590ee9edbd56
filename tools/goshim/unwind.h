// Stacks of somebody else's threads, by libunwind over a target's memory.
#pragma once

#include <stdint.h>

#include <vector>

#include "target.h"

namespace tool {

class Unwinder {
 public:
  explicit Unwinder(Target& target);
  ~Unwinder();
  Unwinder(const Unwinder&) = delete;

  // The instruction pointer, and behind it where each caller goes on; innermost first.
  std::vector<uint64_t> unwind(const Registers& registers, size_t max = 128);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tool
