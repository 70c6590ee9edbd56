#include "command.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "error.h"

namespace tool {

Args parse_options(const char* command, const Args& args, const std::vector<Option>& options) {
  size_t i = 0;
  while (i < args.size() && args[i].size() > 1 && args[i][0] == '-') {
    if (args[i] == "--") {
      i++;
      break;
    }
    const size_t equals = args[i].find('=');
    const std::string name = args[i].substr(0, equals);
    const Option* found = nullptr;
    for (const Option& o : options) {
      if (name == o.name) found = &o;
    }
    if (found == nullptr) fail(std::string(command) + ": unknown option '" + args[i] + "'");
    std::string value;
    if (equals != std::string::npos) {
      if (!found->has_value) fail(std::string(command) + ": " + name + " takes no value");
      value = args[i].substr(equals + 1);
    } else if (found->has_value) {
      if (++i >= args.size()) fail(std::string(command) + ": " + name + " needs a value");
      value = args[i];
    }
    found->set(value);
    i++;
  }
  return Args(args.begin() + static_cast<long>(i), args.end());
}

std::string single(const char* command, const Args& rest, const char* what) {
  if (rest.size() == 1) return rest[0];
  fail(std::string(command) + (rest.empty() ? " needs " : " takes one argument, ") + what);
}

int64_t number(const std::string& text, const char* what, int64_t min, int64_t max) {
  char* end = nullptr;
  errno = 0;
  const long n = strtol(text.c_str(), &end, 10);
  if (text.empty() || *end != 0 || errno != 0 || n < min || n > max)
    fail(std::string(what) + ": '" + text + "' is not a number from " + std::to_string(min) +
         " to " + std::to_string(max));
  return n;
}

std::string duration(int64_t ns) {
  char text[32];
  const double s = static_cast<double>(ns) / 1e9;
  if (ns < 1000000)
    snprintf(text, sizeof text, "%.0f µs", s * 1e6);
  else if (ns < 1000000000)
    snprintf(text, sizeof text, "%.0f ms", s * 1e3);
  else if (s < 120)
    snprintf(text, sizeof text, "%.1f s", s);
  else if (s < 7200)
    snprintf(text, sizeof text, "%.0f min", s / 60);
  else
    snprintf(text, sizeof text, "%.1f h", s / 3600);
  return text;
}

void preload(const std::string& library) {
  if (library.find_first_of(" :") != std::string::npos)
    fail(library + ": LD_PRELOAD cannot name a path with a space or a colon");
  std::string value = library;
  if (const char* others = getenv("LD_PRELOAD"); others != nullptr && *others != 0)
    value += std::string(":") + others;
  setenv("LD_PRELOAD", value.c_str(), 1);
}

std::string find_library() {
  if (const char* told = getenv("GOSHIM_LIB"); told != nullptr && *told != 0) {
    if (access(told, R_OK) != 0) fail(std::string("GOSHIM_LIB=") + told + " cannot be read");
    return told;
  }
  char exe[PATH_MAX];
  const ssize_t n = readlink("/proc/self/exe", exe, sizeof exe);
  std::string dir(exe, n > 0 ? static_cast<size_t>(n) : 0);
  dir.erase(dir.rfind('/') == std::string::npos ? 0 : dir.rfind('/'));
  // Beside this program as installed, and in a build folder.
  for (const std::string& path :
       {dir + "/" + GOSHIM_LIB_FROM_BIN + "/libgoshim.so", dir + "/../../preload/libgoshim.so"}) {
    char real[PATH_MAX];
    if (realpath(path.c_str(), real) != nullptr) return real;
  }
  fail("libgoshim.so is not beside this program; GOSHIM_LIB may name it");
}

}  // namespace tool
