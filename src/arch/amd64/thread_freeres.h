// Where libc gives back what it keeps for a thread that ends: malloc's cache and hold on an arena, the resolver's sockets.
//
// __libc_thread_freeres does that, and is not exported. It is found in the code that calls it, the end of start_thread
// (glibc 2.34 to 2.43):
//
//   call __call_tls_dtors             exported
//   call __nptl_deallocate_tsd
//   call __libc_thread_freeres
//   ...                               a flag tested, a bit set
//   lock decl __nptl_nthreads         exported; up to 2.40, then lock subl $1
//
// Nothing but the end of a thread has both the exported function and the exported counter, and what stands between them
// is what libc calls for a thread that ends. Where compilers have made anything else of it nothing is found.
#pragma once

#include <stdint.h>

namespace goshim {

using ThreadFreeres = void (*)();

// Searches the code from lo to hi. nullptr: it is not there, or more than once.
ThreadFreeres find_thread_freeres(const uint8_t* lo, const uint8_t* hi, const void* call_tls_dtors,
                                  const void* nthreads);

}  // namespace goshim
