// What the kernel knows of the signals the program expects.
#pragma once

#include <stdint.h>

namespace goshim::os {

// Does a signal that is not in `except` (bit n-1 for n) have a handler?
bool program_handles_signals(uint64_t except);

// Is an interval timer of the process's running?
bool alarm_is_set();

}  // namespace goshim::os
