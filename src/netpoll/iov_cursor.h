// A position in an array of iovec that belongs to the program and is not changed.
#pragma once

#include <stddef.h>
#include <sys/uio.h>

namespace goshim {

class IovCursor {
 public:
  IovCursor(const iovec* iov, size_t count) : iov_(iov), count_(count) {}

  // Bytes of the whole array.
  static size_t total(const iovec* iov, size_t count) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++) n += iov[i].iov_len;
    return n;
  }

  void advance(size_t n) {
    while (count_ > 0 && n >= iov_->iov_len - offset_) {
      n -= iov_->iov_len - offset_;
      offset_ = 0;
      iov_++;
      count_--;
    }
    offset_ += n;
  }

  // What to pass next: the rest of a half-done element alone, else all elements that are left.
  const iovec* data() {
    if (offset_ == 0) return iov_;
    head_ = {static_cast<char*>(iov_->iov_base) + offset_, iov_->iov_len - offset_};
    return &head_;
  }
  size_t count() const { return offset_ == 0 ? count_ : 1; }
  bool at_end() const { return count_ == 0; }

 private:
  const iovec* iov_;
  size_t count_;
  size_t offset_ = 0;
  iovec head_ = {};
};

}  // namespace goshim
