// What /proc and /sys say that no system call does.
#pragma once

#include <stddef.h>

namespace goshim::os {

// Reads a small file into buf as a string; its length, 0 (and an empty string) when it cannot be read.
long read_file(const char* path, char* buf, size_t cap);

// Kernel threads of this process, without opening anything; -errno if /proc does not tell.
int count_tasks();

}  // namespace goshim::os
