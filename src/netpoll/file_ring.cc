// Orders:
//   [filering.queue]  push releases the request              -> the thread's exchange acquires the list
//   [filering.state]  start() releases the ring it has made  -> users acquire the state
//   [filering.creds]  the asker releases the command         -> the thread acquires its number
//                     the thread releases what it has done   -> the asker acquires that
//
// A push to an empty list writes the eventfd, of which the ring has a read pending; the thread takes the whole list
// each time before it waits. So a request is either taken, or was first and its write ends the wait.
#include "netpoll/file_ring.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include "arch/amd64/clone.h"
#include "arch/amd64/tcb.h"
#include "base/debugvars.h"
#include "base/file_stats.h"
#include "base/log.h"
#include "base/mlock.h"
#include "netpoll/netpoll.h"
#include "os/futex.h"
#include "os/memory.h"
#include "os/syscall.h"
#include "os/uring.h"
#include "sched/sched.h"

namespace goshim {

namespace {

constexpr unsigned kEntries = 256;
constexpr unsigned kWorkers = 32;
constexpr size_t kStack = 64 << 10;
constexpr size_t kScratch = 64 << 10;
constexpr unsigned kPieces =
    16;  // a load is at most so many times kScratch; what is beyond blocks an M

// On the stack of the G that waits; which does not leave before `done`.
struct Request {
  Request* next = nullptr;
  uint8_t opcode = 0;
  int fd = -1;  // or the id of children
  int64_t at = 0;
  size_t n = 0;  // or what kind of id
  uint32_t flags = 0;
  const Request* cancels = nullptr;
  // Guarded by done_lock, but for the first ticket.
  Ticket ticket = {};
  bool done = false;
  int32_t res = 0;
};

enum class State : uint32_t { kNo, kYes, kFailed };

constinit MLock start_lock{LockRank::kFdTable};
constinit MLock done_lock{LockRank::kBackend};
constinit Atomic<State> state;        // [filering.state]
constinit Atomic<Request*> requests;  // [filering.queue]
constinit Atomic<int> event_fd{-1};
constinit Atomic<int> ring_fd{-1};
constinit int32_t thread_tid = 0;
constinit bool thread_is_up GS_GUARDED_BY(creds_lock) = false;

// A change of credentials, for the thread to make as all Ms do. One at a time: the asker holds creds_lock.
constinit long creds_call[4] = {};
constinit Atomic<uint32_t> creds_asked;   // [filering.creds]
constinit Atomic<uint32_t> creds_done;    // [filering.creds]
constinit Atomic<int32_t> creds_failure;  // relaxed: read when it is done
constinit char* thread_memory = nullptr;
constinit char* scratch = nullptr;
// Before 6.7.
constinit Atomic<bool> kernel_cannot_wait;

// The thread's alone once it runs.
io_uring ring;
iovec pieces[kPieces];
uint64_t event_count;

long enter(unsigned submit, unsigned wait) {
  const unsigned flags = IORING_ENTER_GETEVENTS;
  return os::sys(SYS_io_uring_enter, ring_fd.load_relaxed(), submit, wait, flags, nullptr, 0);
}

// Makes what has been prepared known to the kernel. How many that is.
unsigned flush() {
  unsigned tail = *ring.sq.ktail;
  for (; ring.sq.sqe_head != ring.sq.sqe_tail; ring.sq.sqe_head++, tail++) {
    ring.sq.array[tail & ring.sq.ring_mask] = ring.sq.sqe_head & ring.sq.ring_mask;
  }
  io_uring_smp_store_release(ring.sq.ktail, tail);
  return tail - io_uring_smp_load_acquire(ring.sq.khead);
}

io_uring_sqe* next_sqe() {
  for (;;) {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring);
    if (sqe != nullptr) return sqe;
    enter(flush(), 0);
  }
}

// IORING_OP_WAITID, for which the headers may be too old.
constexpr uint8_t kOpWaitid = 50;

void prepare_waitid(io_uring_sqe* sqe, const Request* r) {
  io_uring_prep_nop(sqe);
  sqe->opcode = kOpWaitid;
  sqe->fd = r->fd;
  sqe->len = static_cast<uint32_t>(r->n);
  sqe->file_index = r->flags;
}

void prepare(const Request* r) {
  io_uring_sqe* sqe = next_sqe();
  if (r->opcode == IORING_OP_FSYNC) {
    io_uring_prep_fsync(sqe, r->fd, r->flags);
  } else if (r->opcode == kOpWaitid) {
    prepare_waitid(sqe, r);
  } else if (r->opcode == IORING_OP_ASYNC_CANCEL) {
    io_uring_prep_cancel64(sqe, reinterpret_cast<uint64_t>(r->cancels), 0);
  } else if (r->n <= kScratch) {
    io_uring_prep_read(sqe, r->fd, scratch, static_cast<unsigned>(r->n),
                       static_cast<uint64_t>(r->at));
  } else {
    const size_t count = (r->n + kScratch - 1) / kScratch;
    io_uring_prep_readv(sqe, r->fd, pieces,
                        count < kPieces ? static_cast<unsigned>(count) : kPieces,
                        static_cast<uint64_t>(r->at));
  }
  sqe->user_data = reinterpret_cast<uint64_t>(r);
}

void watch_event() {
  io_uring_sqe* sqe = next_sqe();
  io_uring_prep_read(sqe, event_fd.load_relaxed(), &event_count, sizeof event_count, 0);
  sqe->user_data = 0;
}

// In the order in which they came: what a request cancels is there before it.
void take_requests() {
  Request* newest = requests.exchange_acquire(nullptr);  // [filering.queue]
  Request* list = nullptr;
  while (newest != nullptr) {
    Request* next = newest->next;
    newest->next = list;
    list = newest;
    newest = next;
  }
  while (list != nullptr) {
    Request* next = list->next;  // of no account once it is submitted
    prepare(list);
    list = next;
  }
}

void reap() {
  GList woken;
  bool heard = false;
  unsigned head;
  unsigned n = 0;
  io_uring_cqe* cqe;
  io_uring_for_each_cqe(&ring, head, cqe) {
    n++;
    if (cqe->user_data == 0) {
      heard = true;
      continue;
    }
    auto* r = reinterpret_cast<Request*>(cqe->user_data);
    MLockGuard guard(done_lock);
    r->res = cqe->res;
    r->done = true;
    const Ticket t = r->ticket;  // r is the waiter's from the claim on
    if (claim(t, Wake::kUnparked) == Claim::kParked) woken.push_back(t.gp);
  }
  io_uring_cq_advance(&ring, n);
  goready_all(woken);
  if (heard) watch_event();
}

void follow_credentials() {
  const uint32_t asked = creds_asked.load_acquire();  // [filering.creds]
  if (GS_LIKELY(creds_done.load_relaxed() == asked)) return;
  const long r = os::sys(creds_call[0], creds_call[1], creds_call[2], creds_call[3]);
  creds_failure.store_relaxed(r < 0 ? static_cast<int32_t>(-r) : 0);
  creds_done.store_release(asked);  // [filering.creds]
  os::futex_wake(creds_done.raw(), 1);
}

void wake_thread() {
  const uint64_t one = 1;
  os::sys(SYS_write, event_fd.load_relaxed(), &one, sizeof one);
}

void thread_main(void*) {
  const int fd = ring_fd.load_relaxed();
  os::sys(SYS_io_uring_register, fd, IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
  uint32_t workers[2] = {kWorkers, kWorkers};
  os::sys(SYS_io_uring_register, fd, IORING_REGISTER_IOWQ_MAX_WORKERS, workers, 2);
  watch_event();
  for (;;) {
    follow_credentials();
    take_requests();
    enter(flush(), 1);
    reap();
  }
}

int make_ring() {
  constexpr unsigned kAlone = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
  constexpr unsigned kFlags = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP | IORING_SETUP_R_DISABLED;
  int r = -EINVAL;
  // Kernels before 6.1 do not know kAlone.
  for (const unsigned more : {kAlone, 0u}) {
    io_uring_params p = {};
    p.flags = kFlags | more;
    p.cq_entries = kEntries * 16;
    r = io_uring_queue_init_params(kEntries, &ring, &p);
    if (r != -EINVAL) break;
  }
  if (r < 0) return r;
  ring_fd.store_relaxed(netpoll_move_high(ring.ring_fd));
  return 0;
}

// Guard page, stack and TLS of the thread; the scratch buffer follows.
size_t thread_size() {
  return os::kPage + kStack + os::round_up(tls_block_size() + tls_block_align(), os::kPage);
}

// With all signals shut. A tid or -errno.
long make_thread() {
  const size_t size = thread_size();
  if (thread_memory == nullptr) {
    thread_memory = static_cast<char*>(os::map_pages(size + kScratch));
    if (thread_memory == nullptr) return -ENOMEM;
    os::install_guard(thread_memory, os::kPage);
    scratch = thread_memory + size;
    for (iovec& piece : pieces) piece = {scratch, kScratch};
  }
  void* tcb = tcb_make_g0(thread_memory + size, 0);
  uint64_t all = ~0ull;
  uint64_t old = 0;
  os::sys(SYS_rt_sigprocmask, SIG_SETMASK, &all, &old, sizeof all);
  long r = 0;
  {
    // It has the credentials of its maker, or is asked to get them.
    MLockGuard guard(creds_lock);
    r = clone_thread(&thread_main, nullptr, thread_memory + os::kPage + kStack, tcb, &thread_tid);
    thread_is_up = r > 0;
  }
  os::sys(SYS_rt_sigprocmask, SIG_SETMASK, &old, nullptr, sizeof old);
  return r;
}

void close_all() {
  os::sys(SYS_close, event_fd.load_relaxed());
  ring.ring_fd = ring.enter_ring_fd = ring_fd.load_relaxed();
  io_uring_queue_exit(&ring);
  event_fd.store_relaxed(-1);
  ring_fd.store_relaxed(-1);
}

long start() {
  const long ev = os::sys(SYS_eventfd2, 0, EFD_CLOEXEC);
  if (ev < 0) return ev;
  event_fd.store_relaxed(netpoll_move_high(static_cast<int>(ev)));
  const long r = make_ring();
  if (r < 0) {
    os::sys(SYS_close, event_fd.exchange_relaxed(-1));
    return r;
  }
  const long tid = make_thread();
  if (tid < 0) close_all();
  return tid;
}

bool is_ready() {
  State s = state.load_acquire();  // [filering.state]
  if (GS_LIKELY(s != State::kNo)) return s == State::kYes;
  MLockGuard guard(start_lock);
  s = state.load_relaxed();  // relaxed: written under the lock
  if (s != State::kNo) return s == State::kYes;
  const long r = start();
  if (r < 0 && log_verbose()) Log() << "io_uring: error " << -r << ", file I/O will block threads";
  state.store_release(r < 0 ? State::kFailed : State::kYes);  // [filering.state]
  return r >= 0;
}

// A new ticket for r; false if it is done.
bool waits_still(Request& r) {
  MLockGuard guard(done_lock);
  if (r.done) return false;
  r.ticket = park_prepare();
  return true;
}

void push(Request& r) {
  r.ticket = park_prepare();
  Request* first = requests.load_relaxed();
  do {
    r.next = first;
  } while (!requests.cas_release(first, &r));  // [filering.queue]
  if (first == nullptr) wake_thread();
}

void finish(Request& r, Undisturbed& rest) {
  do {
    rest.park(r.ticket, WaitReason::kUringFile);
  } while (waits_still(r));
}

void run(Request& r, Undisturbed& rest) {
  push(r);
  finish(r, rest);
  file_stats.by_ring.fetch_add_relaxed(1);
}

// Until the kernel has forgotten r.
void cancel(Request& r) {
  Undisturbed rest;
  Request cancellation;
  cancellation.opcode = IORING_OP_ASYNC_CANCEL;
  cancellation.cancels = &r;
  push(cancellation);
  finish(cancellation, rest);
  while (waits_still(r)) rest.park(r.ticket, WaitReason::kUringFile);
  rest.open();
}

}  // namespace

bool file_ring_load(int fd, int64_t at, size_t n) {
  if (!is_ready()) return false;
  Request r;
  r.opcode = IORING_OP_READ;
  r.fd = fd;
  r.at = at;
  r.n = n;
  Undisturbed rest;
  run(r, rest);
  rest.end();
  return true;
}

long file_ring_sync(int fd, bool data_only, Undisturbed& rest) {
  if (!is_ready()) return kNoRing;
  Request r;
  r.opcode = IORING_OP_FSYNC;
  r.fd = fd;
  r.flags = data_only ? IORING_FSYNC_DATASYNC : 0;
  run(r, rest);
  const bool is_lost =
      r.res == -ECANCELED || r.res == -EINTR || r.res == -EAGAIN || r.res == -ENOMEM;
  return is_lost ? kNoRing : r.res;
}

long file_ring_wait_child(int type, uint32_t id, uint32_t how) {
  if (kernel_cannot_wait.load_relaxed() || !is_ready()) return kNoRing;  // relaxed: set once
  Request r;
  r.opcode = kOpWaitid;
  r.fd = static_cast<int>(id);
  r.n = static_cast<size_t>(type);
  r.flags = how | WNOWAIT;
  push(r);
  file_stats.children.fetch_add_relaxed(1);
  if (gopark(r.ticket, WaitReason::kWaitPid) != Wake::kUnparked) {
    cancel(r);
    return -EINTR;  // also if it has been served meanwhile: handlers come first
  }
  if (r.res == 0 || r.res == -ECHILD) return 0;
  if (r.res == -EINVAL) kernel_cannot_wait.store_relaxed(true);
  return kNoRing;
}

int file_ring_threads() {
  MLockGuard guard(creds_lock);
  return thread_is_up ? 1 : 0;
}

int file_ring_set_credentials(long nr, long a, long b, long c) {
  if (!thread_is_up) return 0;
  const long call[] = {nr, a, b, c};
  __builtin_memcpy(creds_call, call, sizeof creds_call);
  const uint32_t asked = creds_asked.load_relaxed() + 1;  // relaxed: written under the lock
  creds_asked.store_release(asked);                       // [filering.creds]
  wake_thread();
  for (;;) {
    const uint32_t done = creds_done.load_acquire();  // [filering.creds]
    if (done == asked) return creds_failure.load_relaxed();
    os::futex_sleep(creds_done.raw(), done, -1);
  }
}

int file_ring_next_own(int fd) {
  return netpoll_next_of(fd, event_fd.load_relaxed(), ring_fd.load_relaxed());
}

int file_ring_move(int fd) {
  const long to = os::sys(SYS_fcntl, fd, F_DUPFD_CLOEXEC, fd + 1);
  if (to < 0) return static_cast<int>(to);
  (fd == event_fd.load_relaxed() ? event_fd : ring_fd).store_relaxed(static_cast<int>(to));
  return 0;
}

void file_ring_after_fork_child() GS_NO_TSA {
  start_lock.reset_after_fork();
  done_lock.reset_after_fork();
  requests.store_relaxed(nullptr);
  if (thread_memory != nullptr) os::unmap(thread_memory, thread_size() + kScratch);
  thread_memory = nullptr;
  thread_is_up = false;
  creds_asked.store_relaxed(0);
  creds_done.store_relaxed(0);
  if (state.load_relaxed() == State::kYes) close_all();  // alone: nobody to order with
  event_fd.store_relaxed(-1);
  ring_fd.store_relaxed(-1);
  state.store_relaxed(State::kNo);
}

}  // namespace goshim
