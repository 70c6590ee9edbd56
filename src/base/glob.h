// Globs over names: '*' stands for any characters, '?' for one.
#pragma once

namespace goshim {

// `end` is behind the glob's last character.
constexpr bool glob_fits(const char* glob, const char* end, const char* name) {
  const char* star = nullptr;
  const char* again = nullptr;
  while (*name != 0) {
    if (glob != end && *glob == '*') {
      star = ++glob;
      again = name;
    } else if (glob != end && (*glob == '?' || *glob == *name)) {
      glob++;
      name++;
    } else if (star != nullptr) {
      glob = star;
      name = ++again;
    } else {
      return false;
    }
  }
  while (glob != end && *glob == '*') glob++;
  return glob == end;
}

}  // namespace goshim
