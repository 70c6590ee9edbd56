#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>

#include "error.h"

namespace tool {

namespace {

constexpr size_t kPage = 4096;
constexpr size_t kAhead = 16;  // pages; slabs of Gs come in 64 KB
constexpr size_t kMaxIov = 512;

}  // namespace

void fail_errno(const std::string& what) { fail(what + ": " + strerror(errno)); }

std::string Memory::text(uint64_t address, size_t max) {
  std::string out;
  while (out.size() < max) {
    char c = 0;
    if (!read(address + out.size(), &c, 1) || c == 0) break;
    out += c;
  }
  return out;
}

const std::string* ProcessMemory::page(uint64_t address) {
  const auto found = pages_.find(address);
  if (found != pages_.end()) return &found->second;
  std::string block(kPage * kAhead, 0);
  iovec here = {block.data(), block.size()};
  iovec there[kAhead];
  for (size_t i = 0; i < kAhead; i++) {
    there[i] = {reinterpret_cast<void*>(address + i * kPage), kPage};
  }
  // A page that is not there ends the transfer.
  const ssize_t got = process_vm_readv(pid_, &here, 1, there, kAhead, 0);
  if (got < static_cast<ssize_t>(kPage)) {
    error_ = got < 0 ? errno : EFAULT;
    return nullptr;
  }
  for (size_t i = 0; i + kPage <= static_cast<size_t>(got); i += kPage) {
    pages_.emplace(address + i, block.substr(i, kPage));
  }
  return &pages_.at(address);
}

bool ProcessMemory::read_page_part(uint64_t address, char* to, size_t n) {
  auto after = captured_.upper_bound(address);
  if (after != captured_.begin()) {
    const auto& [lo, bytes] = *--after;
    if (address + n <= lo + bytes.size()) {
      memcpy(to, bytes.data() + (address - lo), n);
      return true;
    }
  }
  const std::string* p = page(address & ~(kPage - 1));
  if (p == nullptr) return false;
  memcpy(to, p->data() + (address & (kPage - 1)), n);
  return true;
}

bool ProcessMemory::read(uint64_t address, void* to, size_t n) {
  auto* out = static_cast<char*>(to);
  while (n > 0) {
    const size_t part = std::min(n, kPage - (address & (kPage - 1)));
    if (address + part < address || !read_page_part(address, out, part)) return false;
    address += part;
    out += part;
    n -= part;
  }
  return true;
}

void ProcessMemory::capture(const std::vector<Range>& ranges) {
  for (size_t at = 0; at < ranges.size();) {
    const size_t count = std::min(kMaxIov, ranges.size() - at);
    std::vector<iovec> here(count), there(count);
    std::vector<std::string> bytes(count);
    for (size_t i = 0; i < count; i++) {
      const Range& r = ranges[at + i];
      bytes[i].resize(r.size);
      here[i] = {bytes[i].data(), r.size};
      there[i] = {reinterpret_cast<void*>(r.address), r.size};
    }
    ssize_t got = process_vm_readv(pid_, here.data(), count, there.data(), count, 0);
    size_t whole = 0;
    while (whole < count && got >= static_cast<ssize_t>(ranges[at + whole].size)) {
      got -= static_cast<ssize_t>(ranges[at + whole].size);
      captured_.emplace(ranges[at + whole].address, std::move(bytes[whole]));
      whole++;
    }
    // The one that stopped it is left out.
    at += whole < count ? whole + 1 : whole;
  }
}

bool ProcessMemory::read_now(uint64_t address, void* to, size_t n) {
  iovec here = {to, n}, there = {reinterpret_cast<void*>(address), n};
  const ssize_t got = process_vm_readv(pid_, &here, 1, &there, 1, 0);
  if (got < 0) error_ = errno;
  return got == static_cast<ssize_t>(n);
}

bool ProcessMemory::write(uint64_t address, const void* from, size_t n) {
  iovec here = {const_cast<void*>(from), n}, there = {reinterpret_cast<void*>(address), n};
  return process_vm_writev(pid_, &here, 1, &there, 1, 0) == static_cast<ssize_t>(n);
}

void ProcessMemory::forget() {
  pages_.clear();
  captured_.clear();
}

std::shared_ptr<Bytes> Bytes::map(const std::string& path) {
  // What a core file names may be anything, a FIFO too.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return nullptr;
  struct stat st = {};
  std::shared_ptr<Bytes> out;
  if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
    void* p = mmap(nullptr, static_cast<size_t>(st.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
    if (p != MAP_FAILED) {
      out = std::make_shared<Bytes>(static_cast<const char*>(p), static_cast<size_t>(st.st_size));
      out->mapped_ = true;
    }
  }
  close(fd);
  return out;
}

Bytes::~Bytes() {
  if (mapped_) munmap(const_cast<char*>(data_), size_);
}

std::string Bytes::text(uint64_t offset) const {
  if (offset >= size_) return {};
  const char* s = data_ + offset;
  const void* end = memchr(s, 0, size_ - offset);
  return end != nullptr ? std::string(s) : std::string();
}

}  // namespace tool
