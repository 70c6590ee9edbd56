// fd -> FdEntry: what we believe about a descriptor. A hint; the kernel is the truth.
//
// Descriptors appear and vanish behind our back (raw system calls, libc's insides, inherited,
// passed over sockets), so every belief is either checked by the call that uses it (a wrong kind
// shows as ENOTSOCK or EOPNOTSUPP and the entry is asked for again: fd_probe) or only ever costs
// time when wrong.
//
// An entry begins a new life (generation) when a hook sees the fd closed, opened or overwritten;
// events and waits of an earlier life are rejected by the number. Within a life:
//   born     we saw it opened. Not so: registration and O_NONBLOCK are verified before each park.
//   owned    born, and nobody else has the open file: no dup, fork or SCM_RIGHTS since. Decided by
//   comparing the
//            entry's epoch with the global one, which everything that shares fds with others bumps.
//
// The table: a static array of pointers to chunks, untouched pages of which cost nothing; chunks
// are mapped at the first use of an fd in their range and stay.
//
// Orders: [fd.chunk] the CAS that installs a chunk releases its entries -> lookups acquire the
// pointer.
#pragma once

#include <stdint.h>

#include "base/check.h"
#include "netpoll/poll_desc.h"

namespace goshim {

enum class FdKind : uint8_t {
  kUnknown,  // not asked yet
  kTcp,      // a short read means the queue is empty
  kStream,   // other stream sockets
  kDgram,
  kUnixDgram,  // writability does not tell of the receiver's queue
  kSeqpacket,
  kPipe,
  kOther,  // epoll fds, eventfd, timerfd, tty, ...: pollable, perhaps
  kFile,   // never waits in a way that polling can tell
};

struct alignas(64) FdEntry {
  enum Flag : uint32_t {
    kNonblock = 1,  // the program set O_NONBLOCK
    kBorn = 2,
    kShared = 4,         // dup'ed: never owned again
    kNoGuess = 8,        // a short read says nothing: RDHUP, urgent data, SO_RCVLOWAT, kTLS
    kNoPoll = 16,        // epoll refused it (EPERM, ELOOP): block the M
    kNoNowaitRead = 32,  // RWF_NOWAIT is not supported; an eventfd has it for reading only
    kNoNowaitWrite = 128,
    kListens = 64,  // accept() has found it to be listening
    kInRing = 256,  // backend_uring.cc: its registration is the ring's, not epoll's
    kTty = 512,
    kWaits = 1024,  // file_call.h: calls on this file wait for the disk
  };

  PollDesc pd;
  Atomic<uint32_t> gen;  // changes under pd.lock
  Atomic<uint32_t> flags;
  Atomic<FdKind> kind;
  Atomic<uint32_t> accepting;  // fd_accept.cc
  Atomic<uint32_t> epoch;
  // The edge count at which reading was found to give nothing more; valid with kDrained set.
  Atomic<uint64_t> drained;
  Atomic<int64_t> timeout[2];  // SO_RCVTIMEO, SO_SNDTIMEO in ns; 0 none

  // All relaxed: hints.
  bool has(uint32_t f) const { return (flags.load_relaxed() & f) != 0; }
  void set(uint32_t f) { flags.fetch_or_relaxed(f); }
  void clear(uint32_t f) { flags.fetch_and_relaxed(~f); }
  bool owned() const;

  // "At edge count `seen` there was nothing left to read." Bit 32 tells it from the initial zero.
  void set_drained(uint32_t seen) { drained.store_relaxed(kDrained | seen); }
  bool is_drained(uint32_t seen) const { return drained.load_relaxed() == (kDrained | seen); }
  static constexpr uint64_t kDrained = uint64_t{1} << 32;
};
static_assert(sizeof(FdEntry) <= 192);

constexpr uint32_t kFdChunk = 256;
constexpr uint32_t kFdMax = 64u << 20;

struct FdChunk {
  FdEntry entries[kFdChunk];
};

extern Atomic<FdChunk*> fd_chunks[kFdMax / kFdChunk];
extern Atomic<uint32_t> fd_chunks_end;  // no chunk at or above this index
extern Atomic<uint32_t> fd_share_epoch;

inline bool FdEntry::owned() const {
  return (flags.load_relaxed() & (kBorn | kShared)) == kBorn &&
         epoch.load_relaxed() == fd_share_epoch.load_relaxed();
}

// The entry if its chunk exists, else null. No system call.
inline FdEntry* fd_find(int fd) {
  if (GS_UNLIKELY(static_cast<uint32_t>(fd) >= kFdMax)) return nullptr;
  FdChunk* chunk = fd_chunks[static_cast<uint32_t>(fd) / kFdChunk].load_acquire();  // [fd.chunk]
  return GS_LIKELY(chunk != nullptr) ? &chunk->entries[static_cast<uint32_t>(fd) % kFdChunk]
                                     : nullptr;
}

// The entry, its chunk made if need be; null: memory is short, or fd is no fd.
FdEntry* fd_make(int fd);

FdEntry* fd_probe(int fd);  // asks the kernel what fd is; null if it is not open or memory is short

// The entry, with its kind known; null: let the kernel answer.
inline FdEntry* fd_entry(int fd) {
  FdEntry* e = fd_find(fd);
  if (GS_UNLIKELY(e == nullptr || e->kind.load_relaxed() == FdKind::kUnknown)) return fd_probe(fd);
  return e;
}

// A hook has seen `fd` being opened.
void fd_born(int fd, FdKind kind, bool nonblock);
FdKind fd_socket_kind(int domain, int type, int protocol);
// A connection accepted from `listener` (inherits its timeouts).
void fd_born_accepted(int fd, int listener, bool nonblock);

// A hook is about to close fd: wakes its waiters with EBADF, takes it out of the poller. Also ends
// whatever we believe.
void fd_dying(int fd);
void fd_dying_range(uint32_t first, uint32_t last);

// The number will be, or was, given to an unknown file: forget everything (wakes waiters, like
// fd_dying).
void fd_forget(int fd);

// `from` now has a second descriptor `to`.
void fd_duped(int from, int to);

// Every fd may now be held by another process (fork, SCM_RIGHTS): none is owned any more.
inline void fd_table_shared() { fd_share_epoch.fetch_add_relaxed(1); }

// The next life of e has begun: nothing is registered, nobody waits.
void fd_reset_locked(FdEntry* e, GList& out) GS_REQUIRES(e->pd.lock);

// In a forked child: no waiter and no registration is left.
void fd_table_after_fork_child();

// Calls f(fd, entry) for every entry of every chunk.
template <typename F>
void fd_for_each(F f) {
  uint32_t end = fd_chunks_end.load_relaxed();  // relaxed: nobody waits in a chunk that is missed
  for (uint32_t c = 0; c < end; c++) {
    FdChunk* chunk = fd_chunks[c].load_acquire();  // [fd.chunk]
    if (chunk == nullptr) continue;
    for (uint32_t i = 0; i < kFdChunk; i++)
      f(static_cast<int>(c * kFdChunk + i), &chunk->entries[i]);
  }
}

}  // namespace goshim
