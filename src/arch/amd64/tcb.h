// glibc's thread control block, made by us (DESIGN section 2).
//
// A block of tls_block_size() bytes holds, from low to high addresses: resolver state, static TLS of all modules, and
// the TCB (struct pthread). %fs points at the TCB. Offsets inside struct pthread are found at start, from the
// descriptors that libc exports for debuggers, and checked against the live main thread; if anything does not fit,
// tcb_init() says why and the process stays 1:1.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace goshim {

// Finds the offsets. nullptr when all is well, else what does not fit. Idempotent.
const char* tcb_init();

// Bytes and alignment of a TLS block. Constant after tcb_init().
size_t tls_block_size();
size_t tls_block_align();

// Fills a zeroed block (end address `block_hi`, aligned to tls_block_align()) for a G: allocates its DTV through
// ld.so and initialises every module's static TLS. Program context only (ld.so calls the program's malloc).
// Returns the TCB, or nullptr when memory is exhausted.
void* tcb_make(void* block_hi, int32_t tid);

// The same for an M's g0: no DTV, TLS zero; enough for the runtime, which uses nothing of libc that needs more.
void* tcb_make_g0(void* block_hi, int32_t tid);

// The TLS image of a module whose static TLS a thread must find fresh: any but libc's and ours.
struct TlsModule {
  ptrdiff_t offset;  // from %fs, negative
  const char* image;
  size_t image_size;
  size_t size;
};

// Lists the modules that are loaded now; returns how many there are, also when they are more than cap. *any_dynamic becomes
// true if there are others, with dynamic TLS.
int tcb_modules(TlsModule* out, int cap, bool* any_dynamic);

// Prepares a dead G's block for its next life: these modules back to their images, cancellation state cleared. For libc's
// own TLS tcb_renew_libc has done it.
void tcb_reset_static(void* tcb, const TlsModule* modules, int n);

// A module that has come, in the block of a thread that lived before; one that has begun to use it keeps what it has. And
// one that has gone: unused parts of a block are zero.
void tcb_begin_module(void* tcb, const TlsModule& m);
void tcb_clear_module(void* tcb, const TlsModule& m);

// The same as tcb_reset_static for whatever is loaded, read under the loader's lock.
void tcb_reset_by_loader(void* tcb);

// Each library with TLS that comes makes a generation. A thread's is the last that it has seen: it gets no dynamic TLS of a
// later library before it has seen that one's.
size_t tcb_tls_generation(const void* tcb);

// And its dynamic TLS freed. Program context only (calls the program's free).
void tcb_drop_dynamic(void* tcb);

// To be run by the new thread itself, before program code: points libc's ctype tables, resolver and locale at this
// thread's own.
void tcb_enter_thread();

// To be run by a thread that ends, after its last program code: libc gives back what it keeps for the thread, above all
// malloc's cache and its hold on an arena. Until tcb_renew_libc it is a thread without such a cache.
void tcb_leave_thread();

// libc's own TLS is as a new thread's again, whether the thread left or not. Not before the last program code on it: a
// forked child finds arenas held by none but the thread that forked, so no block may wait there that still names one.
// Where libc's function was not found both do nothing: malloc's cache stays with the block for the next thread in it.
void tcb_renew_libc(void* tcb);

// Offset of `tid` in struct pthread; found lazily so that hooks may use self_tid() before any constructor ran.
[[gnu::visibility("hidden")]] extern uint32_t tcb_tid_offset;
uint32_t tcb_find_tid_offset();

inline int32_t tcb_get_tid(void* tcb) {
  return *reinterpret_cast<int32_t*>(static_cast<char*>(tcb) + tcb_tid_offset);
}
inline void tcb_set_tid(void* tcb, int32_t tid) {
  *reinterpret_cast<int32_t*>(static_cast<char*>(tcb) + tcb_tid_offset) = tid;
}

inline int32_t self_tid_at(uint32_t offset) {
  int32_t tid;
  __asm__ volatile("movl %%fs:(%q1), %0" : "=r"(tid) : "r"(static_cast<uint64_t>(offset)));
  return tid;
}

// The calling thread's tid as libc sees it: one load of the offset, one of %fs:offset.
inline int32_t self_tid() {
  uint32_t off = tcb_tid_offset;
  if (__builtin_expect(off == 0, 0)) off = tcb_find_tid_offset();
  return self_tid_at(off);
}

// The list of robust mutexes a thread holds: struct robust_list_head, as registered with the kernel for libc's threads.
void* tcb_robust_head(void* tcb);
constexpr size_t kRobustHeadSize = 3 * sizeof(void*);

}  // namespace goshim
