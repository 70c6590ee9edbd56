// How a command fails: one line, exit status 2 (main.cc catches).
#pragma once

#include <stdexcept>
#include <string>

namespace tool {

struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

[[noreturn]] inline void fail(const std::string& what) { throw Failure(what); }

// strerror(errno) behind what was tried.
[[noreturn]] void fail_errno(const std::string& what);

}  // namespace tool
