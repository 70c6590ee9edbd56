// mq_send and mq_timedsend, for which a G parks: a message queue is a descriptor that poll(2) knows. As the system call of the
// name; abstime (CLOCK_REALTIME) may be null. Result or -errno.
//
// There is no such thing for mq_receive. A G that waited in the poller would be no receiver in the kernel's eyes, and a message
// that it is to take would be told of by mq_notify: src/adr/0028.
#pragma once

#include <stddef.h>
#include <time.h>

namespace goshim {

long fd_mq_send(int fd, const char* buf, size_t n, unsigned priority, const timespec* abstime);

}  // namespace goshim
