// CPU time of a G. The kernel counts for Ms, so a G's time must be cut out of those it ran on: two clock reads a switch.
// Only Gs that somebody has asked about pay for that; counting starts with the first question.
#pragma once

#include <stdint.h>

namespace goshim {

struct G;

// ns of CPU time that gp has used since it was first asked for. Any thread.
int64_t g_cpu_time(G* gp);

// The scheduler's part, for Gs with cpu_counted set: the calling M starts, or stops, to run gp.
void cpu_clock_start(G* gp);
void cpu_clock_stop(G* gp);

}  // namespace goshim
