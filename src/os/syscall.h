// Raw system calls. They return -errno, set no errno, touch no thread-local storage and are no cancellation points,
// so they may be made in any context: on g0, in a fork child, with another thread's %fs.
//
// os::sysN is the only place outside arch/ with a "syscall" instruction.
#pragma once

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>

#include <type_traits>

namespace goshim::os {

template <typename T>
inline long arg(T v) {
  if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<long>(v);
  } else {
    return static_cast<long>(v);
  }
}
inline long arg(decltype(nullptr)) { return 0; }

inline long raw6(long nr, long a, long b, long c, long d, long e, long f) {
  long ret;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(ret)
                   : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return ret;
}

// sys(SYS_x, args...): up to six arguments, pointers or integers.
template <typename... A>
inline long sys(long nr, A... args) {
  static_assert(sizeof...(args) <= 6);
  const long v[7] = {arg(args)..., 0};
  if constexpr (sizeof...(args) == 0) {
    return raw6(nr, 0, 0, 0, 0, 0, 0);
  } else if constexpr (sizeof...(args) == 1) {
    return raw6(nr, v[0], 0, 0, 0, 0, 0);
  } else if constexpr (sizeof...(args) == 2) {
    return raw6(nr, v[0], v[1], 0, 0, 0, 0);
  } else if constexpr (sizeof...(args) == 3) {
    return raw6(nr, v[0], v[1], v[2], 0, 0, 0);
  } else if constexpr (sizeof...(args) == 4) {
    return raw6(nr, v[0], v[1], v[2], v[3], 0, 0);
  } else if constexpr (sizeof...(args) == 5) {
    return raw6(nr, v[0], v[1], v[2], v[3], v[4], 0);
  } else {
    return raw6(nr, v[0], v[1], v[2], v[3], v[4], v[5]);
  }
}

inline int32_t gettid() { return static_cast<int32_t>(sys(SYS_gettid)); }
inline int32_t getpid() { return static_cast<int32_t>(sys(SYS_getpid)); }

}  // namespace goshim::os
