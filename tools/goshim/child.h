// A program that is run beside this one: traced for nothing but its end, so that its memory can be read once more.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

namespace tool {

class Child {
 public:
  // Forks; the program begins when attend() is called.
  Child(char** argv, const std::string& path);
  Child(const Child&) = delete;

  pid_t pid() const { return pid_; }
  bool is_traced() const { return traced_; }

  // Passes its stops through as if nobody looked. `at_end` is called at its end, while its memory is still there, and
  // `tick`, if given, every `ms` before. Returns its wait status.
  int attend(const std::function<void()>& at_end, const std::function<void()>& tick = nullptr,
             int ms = 0);

 private:
  pid_t pid_ = 0;
  int gate_ = -1;
  bool traced_ = false;
};

// Ends this program as the child ended, or returns its exit status.
int end_like(int status);

}  // namespace tool
