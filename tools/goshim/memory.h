// Memory of another process, alive or in a core file.
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace tool {

class Memory {
 public:
  virtual ~Memory() = default;

  // All n bytes or nothing.
  virtual bool read(uint64_t address, void* to, size_t n) = 0;

  template <typename T>
  std::optional<T> get(uint64_t address) {
    T value;
    if (!read(address, &value, sizeof value)) return std::nullopt;
    return value;
  }
  // Up to `max` bytes, ends at a 0.
  std::string text(uint64_t address, size_t max);
};

// A file that is part of an address space.
struct Mapping {
  uint64_t lo = 0, hi = 0, offset = 0;
  std::string path;  // as the process sees it
  uint64_t inode = 0;
};

// A running (or stopped) process. What was read once is kept: a reader sees each page as it was at
// one moment, and forget() makes it look again.
class ProcessMemory : public Memory {
 public:
  explicit ProcessMemory(pid_t pid) : pid_(pid) {}
  bool read(uint64_t address, void* to, size_t n) override;

  // Reads these ranges now, in as few calls as can be; a range that cannot be read as a whole is
  // left out.
  struct Range {
    uint64_t address;
    size_t size;
  };
  void capture(const std::vector<Range>& ranges);
  void forget();

  // Past what was kept: as it is now.
  bool read_now(uint64_t address, void* to, size_t n);
  bool write(uint64_t address, const void* from, size_t n);

  // Why the last read failed, as errno.
  int error() const { return error_; }

 private:
  const std::string* page(uint64_t address);
  bool read_page_part(uint64_t address, char* to, size_t n);

  pid_t pid_;
  int error_ = 0;
  std::unordered_map<uint64_t, std::string> pages_;
  std::map<uint64_t, std::string> captured_;  // by address; they do not overlap
};

// A file mapped for reading, with every access checked.
class Bytes {
 public:
  Bytes() = default;
  Bytes(const char* data, size_t size) : data_(data), size_(size) {}
  static std::shared_ptr<Bytes> map(const std::string& path);
  Bytes(Bytes&&) = delete;
  ~Bytes();

  size_t size() const { return size_; }
  bool has(uint64_t offset, uint64_t n) const { return offset <= size_ && n <= size_ - offset; }
  const char* at(uint64_t offset, uint64_t n) const {
    return has(offset, n) ? data_ + offset : nullptr;
  }
  template <typename T>
  std::optional<T> get(uint64_t offset) const {
    const char* p = at(offset, sizeof(T));
    if (p == nullptr) return std::nullopt;
    T value;
    __builtin_memcpy(&value, p, sizeof value);
    return value;
  }
  // A string that ends inside; empty if there is none.
  std::string text(uint64_t offset) const;

 private:
  const char* data_ = nullptr;
  size_t size_ = 0;
  bool mapped_ = false;
};

}  // namespace tool
