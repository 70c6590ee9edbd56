#include "netpoll/poll_desc.h"

#include <poll.h>

namespace goshim {

namespace {

constexpr uint32_t kReadEvents = POLLIN | POLLRDHUP | POLLPRI | POLLRDNORM | POLLRDBAND;
constexpr uint32_t kWriteEvents = POLLOUT | POLLWRNORM | POLLWRBAND;
constexpr uint32_t kAllEvents = POLLHUP | POLLERR;

// True if this call ended the wait.
bool claim_waiter(Ticket ticket, Wake why, GList& out) {
  switch (claim(ticket, why)) {
    case Claim::kLost:
      return false;
    case Claim::kArmed:
      return true;
    case Claim::kParked:
      out.push_back(ticket.gp);
      return true;
  }
  return false;
}

// The same for w, which after a claim may be gone.
bool end_wait(FdWaiter* w, Wake why, GList& out) {
  w->linked = false;
  return claim_waiter(w->ticket, why, out);
}

void count_edge(PollDesc& pd, Dir dir) GS_REQUIRES(pd.lock) {
  // [poll.edge] only holders of the lock write it
  pd.edges[dir].store_release(pd.edges[dir].load_relaxed() + 1);
}

// The list is empty afterwards.
void wake_lone_reader(PollDesc& pd, G* gp, GList& out) GS_REQUIRES(pd.lock) {
  FdWaiter* w = pd.waiters[kRead].front();
  pd.waiters[kRead] = FdWaiterList();
  pd.lone_reader.store_relaxed(nullptr);
  // relaxed: the claim compares it
  const Ticket ticket{gp, park_seq(gp->park_word.load_relaxed())};
  if (!claim_waiter(ticket, Wake::kUnparked, out)) w->linked = false;
}

// Wakes the first exclusive waiter that is still waiting.
void wake_one(PollDesc& pd, Dir dir, GList& out) GS_REQUIRES(pd.lock) {
  if (dir == kRead) {
    G* gp = pd.lone_reader.load_relaxed();  // relaxed: written under the lock
    if (GS_LIKELY(gp != nullptr)) return wake_lone_reader(pd, gp, out);
  }
  FdWaiterList& list = pd.waiters[dir];
  while (FdWaiter* w = list.pop_front()) {
    w->others_wait = !list.is_empty();
    if (end_wait(w, Wake::kUnparked, out)) return;
  }
}

void wake_list(FdWaiterList& list, Wake why, GList& out) {
  while (FdWaiter* w = list.pop_front()) end_wait(w, why, out);
}

void wake_all(PollDesc& pd, Wake why, GList& out) GS_REQUIRES(pd.lock) {
  pd.lone_reader.store_relaxed(nullptr);
  wake_list(pd.waiters[kRead], why, out);
  wake_list(pd.waiters[kWrite], why, out);
  wake_list(pd.pollers, why, out);
}

}  // namespace

void pd_event_locked(PollDesc& pd, uint32_t events, GList& out) {
  bool all = (events & kAllEvents) != 0;
  if (all || (events & kReadEvents) != 0) count_edge(pd, kRead);
  if (all || (events & kWriteEvents) != 0) count_edge(pd, kWrite);
  if (all) return wake_all(pd, Wake::kUnparked, out);
  if ((events & kReadEvents) != 0) wake_one(pd, kRead, out);
  if ((events & kWriteEvents) != 0) wake_one(pd, kWrite, out);
  for (FdWaiter* w = pd.pollers.front(); w != nullptr;) {
    FdWaiter* next = FdWaiterList::next(w);
    if ((events & w->events) != 0) {
      pd.pollers.erase(w);
      end_wait(w, Wake::kUnparked, out);
    }
    w = next;
  }
}

void pd_wake_all_locked(PollDesc& pd, Wake why, GList& out) {
  count_edge(pd, kRead);
  count_edge(pd, kWrite);
  wake_all(pd, why, out);
}

void pd_pass_on(PollDesc& pd, Dir dir) {
  GList ready;
  {
    MLockGuard guard(pd.lock);
    wake_one(pd, dir, ready);
  }
  goready_all(ready);
}

bool pd_enqueue_locked(PollDesc& pd, Dir dir, FdWaiter* w) {
  if (pd.edges[dir].load_relaxed() != w->seen) return false;  // relaxed: written under this lock
  // relaxed: under the lock
  if (dir == kRead)
    pd.lone_reader.store_relaxed(pd.waiters[kRead].is_empty() ? w->ticket.gp : nullptr);
  pd.waiters[dir].push_back(w);
  w->linked = true;
  pd.sweeps = 0;
  return true;
}

bool pd_enqueue_poller_locked(PollDesc& pd, FdWaiter* w) {
  // relaxed: written under this lock
  if (pd.edges[kRead].load_relaxed() + pd.edges[kWrite].load_relaxed() != w->seen) return false;
  pd.pollers.push_back(w);
  w->linked = true;
  pd.sweeps = 0;
  return true;
}

void pd_dequeue(PollDesc& pd, Dir dir, FdWaiter* w) {
  MLockGuard guard(pd.lock);
  if (w->linked) {
    pd.waiters[dir].erase(w);
    if (dir == kRead) pd.lone_reader.store_relaxed(nullptr);  // relaxed: under the lock
  }
  w->linked = false;
}

void pd_dequeue_poller(PollDesc& pd, FdWaiter* w) {
  MLockGuard guard(pd.lock);
  if (w->linked) pd.pollers.erase(w);
  w->linked = false;
}

}  // namespace goshim
