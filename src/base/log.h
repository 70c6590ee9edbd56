// One line to stderr, prefixed "goshim: ", in one write(2), without malloc, stdio or locale.
//
//   Log() << "GOSHIM_MAXPROCS=" << text << " is not a number, using " << n;
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace goshim {

struct Hex {
  uint64_t v;
};

class Log {
 public:
  enum Prefix { kPrefix, kNoPrefix };
  explicit Log(Prefix p = kPrefix);
  ~Log();  // writes the line
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  Log& operator<<(const char* s);
  Log& operator<<(char c);
  Log& operator<<(Hex h);
  Log& operator<<(long long v);
  Log& operator<<(unsigned long long v);
  Log& operator<<(long v) { return *this << static_cast<long long>(v); }
  Log& operator<<(int v) { return *this << static_cast<long long>(v); }
  Log& operator<<(unsigned v) { return *this << static_cast<unsigned long long>(v); }
  Log& operator<<(unsigned long v) { return *this << static_cast<unsigned long long>(v); }
  Log& operator<<(const void* p) { return *this << Hex{reinterpret_cast<uint64_t>(p)}; }

 private:
  void put(char c);
  char buf_[400];
  size_t len_ = 0;
};

// Prints a line only if GOSHIM_DEBUG=verbose=1; for fallbacks that are no news to most.
bool log_verbose();

}  // namespace goshim
