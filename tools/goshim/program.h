// What can be said of a program file without running it.
#pragma once

#include <string>
#include <vector>

namespace tool {

struct Program {
  std::string path;         // the file that will be executed, scripts' interpreters followed
  std::string script;       // the script it was asked for, if it was one
  std::string interpreter;  // its loader; empty: static
  bool is_go = false;       // Go's linker made it
  std::vector<std::string> refusals;  // why goshim cannot be loaded into it
};

// Looks `name` up in PATH as execvp(3) does; fails with one line.
Program look_at(const std::string& name);

}  // namespace tool
