// Recordings as JSON for chrome://tracing and ui.perfetto.dev.
#pragma once

#include <stdio.h>

#include <string>

#include "memory.h"

namespace tool {

// Writes to `out`, or stdout if it is empty. Fails with one line.
int trace_to_json(const std::string& file, const std::string& out);

// The same for a recording in memory; what is cut off at its end is left out. False with *why if it is none.
bool convert_trace(const Bytes& trace, FILE* to, std::string* why);

}  // namespace tool
