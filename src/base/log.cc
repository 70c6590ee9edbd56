#include "base/log.h"

#include "base/debugvars.h"
#include "os/syscall.h"

namespace goshim {

Log::Log(Prefix p) {
  if (p == kPrefix) *this << "goshim: ";
}

Log::~Log() {
  buf_[len_++] = '\n';
  // A short or failed write to stderr is the reader's loss; there is nobody else to tell.
  os::sys(SYS_write, 2, static_cast<const char*>(buf_), len_);
}

void Log::put(char c) {
  if (len_ < sizeof buf_ - 1) buf_[len_++] = c;
}

Log& Log::operator<<(const char* s) {
  while (*s != 0) put(*s++);
  return *this;
}

Log& Log::operator<<(char c) {
  put(c);
  return *this;
}

Log& Log::operator<<(Hex h) {
  *this << "0x";
  int shift = 60;
  while (shift > 0 && ((h.v >> shift) & 15) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) put("0123456789abcdef"[(h.v >> shift) & 15]);
  return *this;
}

Log& Log::operator<<(unsigned long long v) {
  char digits[20];
  int n = 0;
  do {
    digits[n++] = static_cast<char>('0' + v % 10);
    v /= 10;
  } while (v != 0);
  while (n > 0) put(digits[--n]);
  return *this;
}

Log& Log::operator<<(long long v) {
  if (v < 0) {
    put('-');
    return *this << (0 - static_cast<unsigned long long>(v));
  }
  return *this << static_cast<unsigned long long>(v);
}

bool log_verbose() { return debug.verbose != 0; }

}  // namespace goshim
