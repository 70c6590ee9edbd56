// What a command looks at: a process, or what is left of one in a core file.
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "memory.h"
#include "modules.h"

namespace tool {

// What an unwinder starts from.
struct Registers {
  uint64_t rip = 0, rsp = 0, rbp = 0, rbx = 0, r12 = 0, r13 = 0, r14 = 0, r15 = 0;
  // Also known for a thread that runs.
  uint64_t rax = 0, rcx = 0, rdx = 0, rsi = 0, rdi = 0, r8 = 0, r9 = 0, r10 = 0, r11 = 0;
};

struct Target {
  pid_t pid = 0;
  bool alive = false;
  bool truncated = false;  // a core file that ends too early
  std::string program;
  std::unique_ptr<Memory> memory;
  std::unique_ptr<Modules> modules;
  std::map<pid_t, Registers> threads;  // kernel threads; of a process only while it is stopped
  int64_t now = 0;                     // CLOCK_MONOTONIC; 0: unknown

  ProcessMemory& process() { return static_cast<ProcessMemory&>(*memory); }
};

// A process; fails with one line if there is none or it may not be read.
Target open_process(pid_t pid);
// A core file.
Target open_core(const std::string& path);
// The same of its bytes; `path` is for what is said of it.
Target read_core(std::shared_ptr<Bytes> core, const std::string& path);
// A number is a process, all else a core file.
Target open_target(const std::string& what);
// A process id, or a failure.
pid_t parse_pid(const std::string& text);

// Holds all threads of a process still, until it goes. One that another traces (`goshim run --stats`, gdb) stays as it is.
class Stopped {
 public:
  explicit Stopped(Target& target);
  ~Stopped();
  Stopped(const Stopped&) = delete;
  void go_on();
  // Threads that did not stop within a second: asleep in the kernel, uninterruptible.
  int deaf() const { return deaf_; }
  // Who traces it, so that nothing was stopped; 0: nobody.
  pid_t tracer() const { return tracer_; }

 private:
  bool seize_new();
  void wait_all();

  Target& target_;
  std::map<pid_t, bool> seized_;  // tid -> has stopped
  int deaf_ = 0;
  pid_t tracer_ = 0;
};

}  // namespace tool
