// What stats, top and run --stats have in common.
#pragma once

#include <map>
#include <string>

#include "inspect.h"

namespace tool {

// How many goroutines are running, runnable, or wait for what.
std::map<std::string, int64_t> by_state(const Inspector& inspector, const Snapshot& s);

}  // namespace tool
