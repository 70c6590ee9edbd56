// What somebody writes to stderr with write(2).
#pragma once

#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace goshim::test {

class CapturedStderr {
 public:
  CapturedStderr() : saved_(dup(2)) {
    if (pipe2(fds_, O_NONBLOCK) != 0) _exit(1);
    dup2(fds_[1], 2);
  }
  ~CapturedStderr() {
    dup2(saved_, 2);
    close(saved_);
    close(fds_[0]);
    close(fds_[1]);
  }
  CapturedStderr(const CapturedStderr&) = delete;
  CapturedStderr& operator=(const CapturedStderr&) = delete;

  // What has been written since the last call; at most a pipe's worth.
  std::string take() {
    std::string out;
    char buf[4096];
    for (ssize_t n; (n = read(fds_[0], buf, sizeof buf)) > 0;)
      out.append(buf, static_cast<size_t>(n));
    return out;
  }

 private:
  int saved_;
  int fds_[2];
};

}  // namespace goshim::test
