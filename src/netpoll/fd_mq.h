// POSIX message queues: descriptors that poll(2) knows, so their calls park. As the system calls of the name; abstime
// (CLOCK_REALTIME) may be null. Results or -errno.
//
// Known difference: the kernel does not count a G that waits here as a receiver, so mq_notify tells of a message that a
// waiting G takes.
#pragma once

#include <stddef.h>
#include <time.h>

namespace goshim {

long fd_mq_receive(int fd, char* buf, size_t n, unsigned* priority, const timespec* abstime);
long fd_mq_send(int fd, const char* buf, size_t n, unsigned priority, const timespec* abstime);

}  // namespace goshim
