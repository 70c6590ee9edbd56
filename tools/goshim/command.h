// The commands, and what they share: arguments, output.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace tool {

using Args = std::vector<std::string>;

int run_main(const Args& args);
int doctor_main(const Args& args);
int stats_main(const Args& args);
int stacks_main(const Args& args);
int top_main(const Args& args);
int trace_main(const Args& args);
int bench_main(const Args& args);

// Options of one command. Each is `name` alone, or with a value: "--name value" or "--name=value".
struct Option {
  const char* name;
  bool has_value;
  std::function<void(const std::string&)> set;
};
// Takes options off the front, up to the first other word or "--"; the rest is returned. Fails on an
// unknown one.
Args parse_options(const char* command, const Args& args, const std::vector<Option>& options);
// The only positional argument, or a failure that names it.
std::string single(const char* command, const Args& rest, const char* what);
int64_t number(const std::string& text, const char* what, int64_t min, int64_t max);

// "3.2 s", "14 ms"
std::string duration(int64_t ns);

// Puts the library into LD_PRELOAD of this program's environment, before what is there.
void preload(const std::string& library);

// libgoshim.so as this installation has it; fails if it is nowhere.
std::string find_library();

}  // namespace tool
