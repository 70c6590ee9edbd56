// Channels against everything at once: plain and timed operations, selects, closes and kernel threads on a few channels.
// Each element is received once, by somebody, and senders' own order is kept on a channel with one receiver.
#include "chan/hchan.h"
#include "chan/select.h"
#include "crew.h"

namespace {

using namespace goshim;
using namespace goshim::chan;

constexpr int kChans = 3;
constexpr int kWorkers = 12;
constexpr int kItems = 120;

struct Round {
  hchan* c[kChans] = {};
  Atomic<uint64_t> sent, received, nsent, nreceived;
  Atomic<int> senders;
};

void got(Round& r, uint64_t v) {
  r.received.fetch_add_relaxed(v);
  r.nreceived.fetch_add_relaxed(1);
}

void put(Round& r, uint64_t v) {
  r.sent.fetch_add_relaxed(v);
  r.nsent.fetch_add_relaxed(1);
}

int64_t soon(test::Random& random) { return os::nanotime() + random.below(20000); }

void send_all(Round& r, int index, test::Random& random) {
  for (int i = 0; i < kItems; i++) {
    const uint64_t v = (static_cast<uint64_t>(index) << 32 | static_cast<uint64_t>(i)) + 1;
    hchan* c = r.c[random.below(kChans)];
    for (;;) {
      Op op = Op::kDone;
      switch (random.below(4)) {
        case 0:
          chansend(c, &v);
          break;
        case 1:
          op = chansend(c, &v, soon(random));
          break;
        case 2:
          op = chansend(c, &v, kNow);
          break;
        default: {
          Case k[kChans] = {};
          uint64_t copy[kChans];
          for (int j = 0; j < kChans; j++) {
            copy[j] = v;
            k[j].op = CaseOp::kSend, k[j].c = r.c[j], k[j].elem = &copy[j];
          }
          if (selectgo(k, kChans, random.one_in(2) ? soon(random) : kNever) == kNoCase)
            op = Op::kWouldBlock;
          for (int j = 0; j < kChans; j++) STRESS_CHECK(copy[j] == v);
        }
      }
      if (op == Op::kDone) break;
      test::dawdle(random);
    }
    put(r, v);
    test::dawdle(random);
  }
  // The last sender closes: who waits to receive on any of them is told.
  if (r.senders.fetch_sub_acq_rel(1) == 1) {  // [test.senders]
    for (hchan* c : r.c) closechan(c);
  }
}

// True until c is closed and empty. Only who has no other channel may wait for ever on this one.
bool recv_one(Round& r, hchan* c, bool patient, test::Random& random) {
  constexpr uint64_t kUntouched = 0x5555555555555555;
  uint64_t v = kUntouched;
  const uint32_t how = random.below(3);
  const int64_t deadline = how == 0 && patient ? kNever : how == 1 ? soon(random) : kNow;
  switch (chanrecv(c, &v, deadline)) {
    case Op::kDone:
      got(r, v);
      return true;
    case Op::kClosed:
      STRESS_CHECK(v == 0);
      return false;
    case Op::kWouldBlock:
      STRESS_CHECK(v == kUntouched && deadline != kNever);
      return true;
  }
  return true;
}

void receive_all(Round& r, test::Random& random) {
  constexpr uint64_t kUntouched = 0x7777777777777777;
  bool open[kChans] = {true, true, true};
  for (int left = kChans; left > 0;) {
    test::dawdle(random);
    const int i = static_cast<int>(random.below(kChans));
    if (random.one_in(2)) {
      if (open[i] && !recv_one(r, r.c[i], false, random)) open[i] = false, left--;
      continue;
    }
    Case k[kChans] = {};
    uint64_t v[kChans];
    for (int j = 0; j < kChans; j++) {
      v[j] = kUntouched;
      k[j].op = CaseOp::kRecv, k[j].c = open[j] ? r.c[j] : nullptr, k[j].elem = &v[j];
    }
    const int done = selectgo(k, kChans, random.one_in(2) ? soon(random) : kNever);
    for (int j = 0; j < kChans; j++) STRESS_CHECK(j == done || v[j] == kUntouched);
    if (done == kNoCase) continue;
    if (k[done].ok != 0) {
      got(r, v[done]);
    } else {
      STRESS_CHECK(v[done] == 0 && open[done]);
      open[done] = false, left--;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  test::Stress stress(argc, argv, "chan");
  test::start_crew();
  while (stress.next()) {
    Round r;
    for (hchan*& c : r.c) {
      c = makechan(sizeof(uint64_t), stress.random().below(3));
      STRESS_CHECK(c != nullptr);
    }
    r.senders.store_relaxed(kWorkers / 2);
    test::run_crew(kWorkers, test::some_kernel_threads(stress, 4), stress.random().next(),
                   [&](int index, test::Random& random) {
                     if (index % 2 == 0) {
                       send_all(r, index, random);
                     } else if (index / 2 < kChans) {
                       while (recv_one(r, r.c[index / 2], true, random)) test::dawdle(random);
                     } else {
                       receive_all(r, random);
                     }
                   });
    STRESS_CHECK(r.nsent.load_relaxed() == r.nreceived.load_relaxed());
    STRESS_CHECK(r.sent.load_relaxed() == r.received.load_relaxed());
    for (hchan* c : r.c) {
      STRESS_CHECK(c->recvq.is_empty() && c->sendq.is_empty() && chanlen(c) == 0);
      chan_unref(c);
    }
  }
  return 0;
}
