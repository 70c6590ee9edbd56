// The fds of a select.
#include <poll.h>

#include "arch/amd64/cycles.h"
#include "base/rand.h"
#include "chan/select.h"
#include "netpoll/netpoll.h"
#include "os/syscall.h"
#include "sched/sched.h"
#include "sched/signals.h"

namespace goshim::chan {

namespace {

constexpr int kBatch = 16;

struct Asked {
  pollfd fds[kBatch];
  int index[kBatch];
  int n = 0;
};

uint16_t edges_of(const Case& k) {
  return k.op == CaseOp::kReadable ? POLLIN | POLLRDHUP | POLLHUP | POLLERR
                                   : POLLOUT | POLLHUP | POLLERR;
}

// Fills `a` with the next fds from i on; returns where to go on.
int collect(Case* cases, int n, int i, Asked* a) {
  a->n = 0;
  for (; i < n && a->n < kBatch; i++) {
    Case& k = cases[i];
    if (!k.is_fd()) continue;
    new (&k.node) PollNode();
    k.node.fd = k.fd;
    k.node.waiter.events = edges_of(k);
    k.node.snapshot();
    a->fds[a->n] = {k.fd, static_cast<short>(k.op == CaseOp::kReadable ? POLLIN : POLLOUT), 0};
    a->index[a->n++] = i;
  }
  return i;
}

void ask(Asked* a) {
  for (;;) {
    const long r = os::sys(SYS_poll, static_cast<pollfd*>(a->fds), a->n, 0);
    if (r != -EINTR) return;
    act_on_signals();
  }
}

}  // namespace

int fds_ready(Case* cases, int n) {
  Rand rand;
  rand.s ^= static_cast<uint64_t>(cycles()) << 1;
  uint32_t ready = 0;
  int pick = kNoCase;
  Asked a;
  for (int i = collect(cases, n, 0, &a); a.n > 0; i = collect(cases, n, i, &a)) {
    ask(&a);
    for (int j = 0; j < a.n; j++) {
      if (a.fds[j].revents == 0) continue;
      // Each of those that are ready is as likely as the others.
      if (rand.below(++ready) != 0) continue;
      pick = a.index[j];
      cases[pick].ok = a.fds[j].revents;
    }
  }
  return pick;
}

bool fds_enqueue(Case* cases, int n, Ticket t, bool* blind) {
  const bool watched = started() && netpoll_ready();
  *blind = !watched;
  if (!watched) return true;
  for (int i = 0; i < n; i++) {
    if (!cases[i].is_fd()) continue;
    const long r = cases[i].node.enqueue(t);
    if (r == -EAGAIN) return false;
    if (r == kBlockM) *blind = true;
  }
  return true;
}

void fds_dequeue(Case* cases, int n) {
  for (int i = 0; i < n; i++) {
    if (cases[i].is_fd()) cases[i].node.dequeue();
  }
}

}  // namespace goshim::chan
