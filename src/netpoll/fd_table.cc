#include "netpoll/fd_table.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <new>

#include "netpoll/netpoll.h"
#include "os/memory.h"
#include "os/syscall.h"

namespace goshim {

constinit Atomic<FdChunk*> fd_chunks[kFdMax / kFdChunk];
constinit Atomic<uint32_t> fd_chunks_end;
constinit Atomic<uint32_t> fd_share_epoch;

FdEntry* fd_make(int fd) {
  FdEntry* e = fd_find(fd);
  if (e != nullptr || static_cast<uint32_t>(fd) >= kFdMax) return e;
  void* pages = os::map_pages(sizeof(FdChunk));
  if (pages == nullptr) return nullptr;
  auto* chunk = new (pages) FdChunk;
  uint32_t index = static_cast<uint32_t>(fd) / kFdChunk;
  FdChunk* none = nullptr;
  if (!fd_chunks[index].cas_acq_rel(none, chunk)) {  // [fd.chunk]
    os::unmap(pages, sizeof(FdChunk));
  } else {
    uint32_t end = fd_chunks_end.load_relaxed();
    while (end <= index && !fd_chunks_end.cas_relaxed(end, index + 1)) {
    }
  }
  return fd_find(fd);
}

namespace {

// Opens a new life with what is known about it.
void begin_life(FdEntry* e, FdKind kind, uint32_t flags) GS_REQUIRES(e->pd.lock) {
  e->flags.store_relaxed(flags);
  e->kind.store_relaxed(kind);
  e->epoch.store_relaxed(fd_share_epoch.load_relaxed());
  e->timeout[kRead].store_relaxed(0);
  e->timeout[kWrite].store_relaxed(0);
}

void end_life(int fd, FdEntry* e) {
  GList woken;
  {
    MLockGuard guard(e->pd.lock);
    if (e->pd.registered) {
      const Backend* b = netpoll_backend();
      // An owned file ends with its last fd, and the kernel takes it out by itself.
      bool outlives = !e->owned() || (b != nullptr && b->holds_files);
      if (b != nullptr && outlives) b->del(fd, e->gen.load_relaxed());  // relaxed: under the lock
    }
    fd_reset_locked(e, woken);
    begin_life(e, FdKind::kUnknown, 0);
  }
  goready_all(woken);
}

}  // namespace

void fd_reset_locked(FdEntry* e, GList& out) {
  e->pd.registered = false;
  e->gen.store_relaxed(e->gen.load_relaxed() +
                       1);  // relaxed: under the lock; readers take it as a hint
  pd_wake_all_locked(e->pd, Wake::kClosed, out);
}

FdKind fd_socket_kind(int domain, int type, int protocol) {
  constexpr int kTypeMask = 0xf;
  bool inet = domain == AF_INET || domain == AF_INET6;
  switch (type & kTypeMask) {
    case SOCK_STREAM:
      return inet && (protocol == 0 || protocol == IPPROTO_TCP) ? FdKind::kTcp : FdKind::kStream;
    case SOCK_SEQPACKET:
      return FdKind::kSeqpacket;
    default:
      return domain == AF_UNIX ? FdKind::kUnixDgram : FdKind::kDgram;
  }
}

void fd_born(int fd, FdKind kind, bool nonblock) {
  if (fd < 0) return;
  if (!on_goroutine()) {
    // Before start, and by foreign threads, nothing is recorded; but an old life ends.
    fd_forget(fd);
    return;
  }
  FdEntry* e = fd_make(fd);
  if (e == nullptr) return;
  GList woken;
  {
    MLockGuard guard(e->pd.lock);
    fd_reset_locked(e, woken);
    begin_life(e, kind, FdEntry::kBorn | (nonblock ? FdEntry::kNonblock : 0u));
  }
  goready_all(woken);
}

void fd_born_accepted(int fd, int listener, bool nonblock) {
  if (fd < 0) return;
  FdEntry* from = fd_find(listener);
  FdKind kind = from != nullptr ? from->kind.load_relaxed() : FdKind::kUnknown;
  if (kind == FdKind::kUnknown) {
    fd_forget(fd);
    return;
  }
  fd_born(fd, kind, nonblock);
  FdEntry* e = fd_find(fd);
  if (e == nullptr || !on_goroutine()) return;
  // A connection inherits the options of its listener.
  e->timeout[kRead].store_relaxed(from->timeout[kRead].load_relaxed());
  e->timeout[kWrite].store_relaxed(from->timeout[kWrite].load_relaxed());
  if (from->has(FdEntry::kNoGuess)) e->set(FdEntry::kNoGuess);
}

void fd_dying(int fd) {
  FdEntry* e = fd_find(fd);
  if (e != nullptr) end_life(fd, e);
}

void fd_dying_range(uint32_t first, uint32_t last) {
  fd_for_each([&](int fd, FdEntry* e) {
    uint32_t n = static_cast<uint32_t>(fd);
    if (n >= first && n <= last) end_life(fd, e);
  });
}

void fd_forget(int fd) {
  FdEntry* e = fd_find(fd);
  if (e == nullptr) return;
  GList woken;
  {
    MLockGuard guard(e->pd.lock);
    fd_reset_locked(e, woken);
    begin_life(e, FdKind::kUnknown, 0);
  }
  goready_all(woken);
}

void fd_duped(int from, int to) {
  if (to < 0 || from == to) return;
  fd_forget(to);
  FdEntry* e = fd_find(from);
  if (e != nullptr) e->set(FdEntry::kShared);
}

void fd_table_after_fork_child() {
  fd_table_shared();
  fd_for_each([](int, FdEntry* e) {
    e->pd.lock.reset_after_fork();
    MLockGuard guard(e->pd.lock);
    e->pd.registered = false;
    e->pd.sweeps = 0;
    e->pd.waiters[kRead] = e->pd.waiters[kWrite] = e->pd.pollers = FdWaiterList();
    e->pd.lone_reader.store_relaxed(nullptr);
    e->gen.store_relaxed(e->gen.load_relaxed() + 1);
    e->accepting.store_relaxed(0);
  });
}

}  // namespace goshim
