// fsync and fdatasync, as the hooks make them: result or -errno.
#pragma once

namespace goshim {

long fd_fsync(int fd);
long fd_fdatasync(int fd);

void file_sync_after_fork_child();

}  // namespace goshim
