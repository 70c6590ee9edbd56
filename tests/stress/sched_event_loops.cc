// Event loops that always find something, more of them than Ps: none keeps the others waiting until sysmon steps in.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "netpoll/fd_life.h"
#include "netpoll/poll_fds.h"
#include "os/syscall.h"
#include "runtime.h"
#include "sched/sched.h"
#include "stress.h"

namespace {

using namespace goshim;

constexpr int kLoops = 3;
constexpr int kCalls = 3000;

struct Loop {
  int epfd = -1;
  int event = -1;
};

Atomic<int32_t> started;
Atomic<int32_t> last;
Atomic<int32_t> turns;

// In turn with the others, each call of one is followed by another's.
void* run(void* arg) {
  const Loop& loop = *static_cast<Loop*>(arg);
  started.fetch_add_seq_cst(1);
  while (started.load_seq_cst() < kLoops) goyield();
  for (int i = 0; i < kCalls; i++) {
    if (last.load_relaxed() != loop.epfd) {
      last.store_relaxed(loop.epfd);
      turns.fetch_add_relaxed(1);
    }
    epoll_event e;
    STRESS_CHECK(fd_epoll_wait(loop.epfd, &e, 1, -1) == 1 && e.data.fd == loop.event);
  }
  return nullptr;
}

void* round(void*) {
  Loop loops[kLoops];
  G* gs[kLoops];
  started.store_seq_cst(0);
  turns.store_relaxed(0);
  for (int i = 0; i < kLoops; i++) {
    loops[i].event = eventfd(1, 0);
    loops[i].epfd = epoll_create1(0);
    STRESS_CHECK(loops[i].event >= 0 && loops[i].epfd >= 0);
    epoll_event e = {};
    e.events = EPOLLIN;
    e.data.fd = loops[i].event;
    STRESS_CHECK(epoll_ctl(loops[i].epfd, EPOLL_CTL_ADD, loops[i].event, &e) == 0);
    gs[i] = test::go(&run, &loops[i]);
  }
  for (G* gp : gs) STRESS_CHECK(test::join(gp) == nullptr);
  // Without yielding each runs through in one go, or in a few: 3,000 calls take about 3 ms.
  if (sched.nprocs.load_relaxed() == 1) STRESS_CHECK(turns.load_relaxed() > kLoops * kCalls / 4);
  for (const Loop& loop : loops) {
    fd_dying(loop.epfd);
    STRESS_CHECK(os::sys(SYS_close, loop.epfd) == 0);
    STRESS_CHECK(os::sys(SYS_close, loop.event) == 0);
  }
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  test::Stress stress(argc, argv, "sched_event_loops");
  test::start_runtime();
  while (stress.next()) STRESS_CHECK(test::join(test::go(&round, nullptr)) == nullptr);
  return 0;
}
