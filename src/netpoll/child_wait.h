// Waiting for children, as the hooks make it: result or -errno.
//
// The kernel is asked without waiting; if there is nothing yet, a few Ms may wait in it, and who comes later parks while the
// ring (file_ring.h) waits. The ring only says when to ask again: statuses, usage and errors are those of the caller's own
// call.
#pragma once

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

namespace goshim {

long child_wait4(pid_t pid, int* status, int options, rusage* usage);
long child_waitid(int type, id_t id, siginfo_t* info, int options, rusage* usage);

void child_wait_after_fork_child();

}  // namespace goshim
