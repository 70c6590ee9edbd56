// The wait lists of a PollDesc, without any fd: items stand for data in a socket, a producer's
// pd_event for the poller. Every item must find a reader, however many wait, time out or only look;
// an edge that were lost would leave readers asleep beside items.
#include <poll.h>

#include "crew.h"
#include "netpoll/poll_desc.h"

namespace {

using namespace goshim;

constexpr int kProducers = 3;
constexpr int kReaders = 6;
constexpr int kPollers = 2;
constexpr int kItems = 300;

struct Source {
  PollDesc pd;
  Atomic<int32_t> items;
  Atomic<int32_t> producing{kProducers};
  Atomic<int32_t> taken;

  bool is_over() const { return producing.load_seq_cst() == 0; }

  // As recv: takes one, or says -EAGAIN, or 0 at the end.
  int take() {
    const bool over = is_over();
    int32_t n = items.load_seq_cst();
    while (n > 0) {
      if (items.cas_seq_cst(n, n - 1)) return 1;
    }
    return over ? 0 : -EAGAIN;
  }

  void edge(uint32_t events) {
    GList woken;
    {
      MLockGuard guard(pd.lock);
      pd_event_locked(pd, events, woken);
    }
    goready_all(woken);
  }
};

void produce(Source& s, test::Random& random) {
  for (int i = 0; i < kItems; i++) {
    const int burst = 1 + static_cast<int>(random.below(3));
    s.items.fetch_add_seq_cst(burst);
    s.taken.fetch_sub_relaxed(burst);
    test::dawdle(random);
    s.edge(POLLIN);
  }
  if (s.producing.fetch_sub_seq_cst(1) == 1) s.edge(random.one_in(2) ? POLLHUP : POLLIN);
}

void read_all(Source& s, test::Random& random) {
  bool pass_on = false;
  for (;;) {
    FdWaiter w;
    w.seen = s.pd.snapshot(kRead);
    const int r = s.take();
    if (r >= 0 && pass_on) pd_pass_on(s.pd, kRead);
    if (r == 0) return;
    if (r > 0) {
      s.taken.fetch_add_relaxed(1);
      pass_on = false;
      continue;
    }
    test::dawdle(random);
    w.ticket = park_prepare();
    bool enqueued;
    {
      MLockGuard guard(s.pd.lock);
      enqueued = pd_enqueue_locked(s.pd, kRead, &w);
    }
    if (!enqueued) {
      park_cancel(w.ticket);
      continue;
    }
    const bool timed = random.one_in(4);
    const int64_t deadline = timed ? os::nanotime() + random.below(50000) : kNever;
    const Wake why = gopark(w.ticket, WaitReason::kTest, deadline);
    if (why == Wake::kUnparked) {
      pass_on |= w.others_wait;
    } else {
      pd_dequeue(s.pd, kRead, &w);
      STRESS_CHECK(!w.linked);
    }
  }
}

void look(Source& s, test::Random& random) {
  while (!s.is_over()) {
    FdWaiter w;
    w.events = POLLIN | POLLHUP;
    w.seen = s.pd.snapshot_both();
    if (s.items.load_seq_cst() > 0 || s.is_over()) {
      goyield();
      continue;
    }
    w.ticket = park_prepare();
    bool enqueued;
    {
      MLockGuard guard(s.pd.lock);
      enqueued = pd_enqueue_poller_locked(s.pd, &w);
    }
    if (enqueued) {
      gopark(w.ticket, WaitReason::kTest);
      pd_dequeue_poller(s.pd, &w);
    } else {
      park_cancel(w.ticket);
    }
    test::dawdle(random);
  }
}

}  // namespace

int main(int argc, char** argv) {
  test::Stress stress(argc, argv, "netpoll_desc");
  test::start_crew();
  while (stress.next()) {
    Source s;
    test::run_crew(kProducers + kReaders + kPollers, test::some_kernel_threads(stress, 3),
                   stress.random().next(), [&](int index, test::Random& random) {
                     if (index < kProducers) {
                       produce(s, random);
                     } else if (index < kProducers + kReaders) {
                       read_all(s, random);
                     } else {
                       look(s, random);
                     }
                   });
    STRESS_CHECK(s.items.load_relaxed() == 0 && s.taken.load_relaxed() == 0);
  }
  return 0;
}
