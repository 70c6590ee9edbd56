#include <criterion/criterion.h>

#include <cstring>

#include "chan/alloc.h"
#include "chan/hchan.h"
#include "chan/select.h"
#include "runtime.h"

using namespace goshim;
using namespace goshim::chan;

namespace {

void init() { test::start_runtime(); }

int64_t in_ms(int64_t ms) { return os::nanotime() + ms * 1000000; }

struct Sender {
  hchan* c;
  int from;
  int n;
  static void* run(void* p) {
    auto* s = static_cast<Sender*>(p);
    for (int i = 0; i < s->n; i++) {
      int v = s->from + i;
      chansend(s->c, &v);
    }
    return nullptr;
  }
};

}  // namespace

TestSuite(chan, .init = init, .timeout = 20);

Test(chan, alloc_gives_zeroed_blocks_again) {
  for (size_t size :
       {size_t{1}, size_t{64}, size_t{65}, size_t{4096}, size_t{65536}, size_t{70000}}) {
    auto* p = static_cast<char*>(alloc(size));
    cr_assert_not_null(p);
    cr_assert_eq(reinterpret_cast<uintptr_t>(p) % 64, 0);
    memset(p, 0xff, size);
    release(p, size);
    auto* q = static_cast<char*>(alloc(size));
    for (size_t i = 0; i < size; i++) cr_assert_eq(q[i], 0);
    release(q, size);
  }
}

Test(chan, refuses_absurd_sizes) {
  cr_assert_null(makechan(1 << 20, 1));
  cr_assert_null(makechan(8, SIZE_MAX));
  cr_assert_null(makechan(60000, UINT32_MAX - 2));
}

Test(chan, buffered_is_a_ring) {
  hchan* c = makechan(sizeof(int), 3);
  int v = 0;
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < 3; i++) {
      v = round * 3 + i;
      cr_assert(chansend(c, &v, kNow) == Op::kDone);
    }
    cr_assert(chansend(c, &v, kNow) == Op::kWouldBlock);
    cr_assert_eq(chanlen(c), 3);
    for (int i = 0; i < 3; i++) {
      cr_assert(chanrecv(c, &v, kNow) == Op::kDone);
      cr_assert_eq(v, round * 3 + i);
    }
    cr_assert(chanrecv(c, &v, kNow) == Op::kWouldBlock);
  }
  chan_unref(c);
}

Test(chan, handoff_keeps_order) {
  hchan* c = makechan(sizeof(int), 0);
  Sender s = {c, 0, 1000};
  G* gp = test::go(&Sender::run, &s);
  for (int i = 0; i < 1000; i++) {
    int v = -1;
    cr_assert(chanrecv(c, &v) == Op::kDone);
    cr_assert_eq(v, i);
  }
  test::join(gp);
  chan_unref(c);
}

Test(chan, a_timeout_leaves_the_queue) {
  hchan* c = makechan(sizeof(int), 0);
  int v = 7;
  cr_assert(chanrecv(c, &v, in_ms(2)) == Op::kWouldBlock);
  cr_assert_eq(v, 7);
  cr_assert(c->recvq.is_empty());
  cr_assert(chansend(c, &v, in_ms(2)) == Op::kWouldBlock);
  cr_assert(c->sendq.is_empty());
  chan_unref(c);
}

Test(chan, a_deadline_that_has_passed_still_takes_what_is_there) {
  hchan* c = makechan(sizeof(int), 1);
  int v = 5;
  cr_assert(chansend(c, &v, os::nanotime() - 1) == Op::kDone);
  v = 0;
  cr_assert(chanrecv(c, &v, os::nanotime() - 1) == Op::kDone);
  cr_assert_eq(v, 5);
  chan_unref(c);
}

Test(chan, kernel_threads_take_part) {
  hchan* c = makechan(sizeof(int), 0);
  Sender s = {c, 0, 100};
  pthread_t t = test::kernel_thread(&Sender::run, &s);
  for (int i = 0; i < 100; i++) {
    int v = -1;
    cr_assert(chanrecv(c, &v) == Op::kDone);
    cr_assert_eq(v, i);
  }
  pthread_join(t, nullptr);
  chan_unref(c);
}

Test(chan, select_unlinks_the_losers) {
  hchan* a = makechan(sizeof(int), 0);
  hchan* b = makechan(sizeof(int), 0);
  Sender s = {b, 42, 1};
  G* gp = test::go(&Sender::run, &s);
  int v = 0, w = 0;
  Case k[3] = {};
  k[0].op = CaseOp::kRecv, k[0].c = a, k[0].elem = &v;
  k[1].op = CaseOp::kRecv, k[1].c = b, k[1].elem = &w;
  k[2].op = CaseOp::kSend, k[2].c = a, k[2].elem = &v;
  cr_assert_eq(selectgo(k, 3, kNever), 1);
  cr_assert_eq(w, 42);
  cr_assert_eq(v, 0);
  cr_assert_eq(k[1].ok, 1);
  test::join(gp);
  cr_assert(a->recvq.is_empty() && a->sendq.is_empty() && b->recvq.is_empty());
  chan_unref(a);
  chan_unref(b);
}

Test(chan, select_with_the_same_channel_twice) {
  hchan* a = makechan(sizeof(int), 0);
  int v = 1, w = 0;
  Case k[2] = {};
  k[0].op = CaseOp::kSend, k[0].c = a, k[0].elem = &v;
  k[1].op = CaseOp::kRecv, k[1].c = a, k[1].elem = &w;
  // A select is not its own partner.
  cr_assert_eq(selectgo(k, 2, in_ms(5)), kNoCase);
  cr_assert(a->recvq.is_empty() && a->sendq.is_empty());
  chan_unref(a);
}

Test(chan, the_last_reference_drops_what_is_left) {
  static int dropped;
  dropped = 0;
  hchan* c = makechan(sizeof(int), 4, [](void* p) { dropped += *static_cast<int*>(p); });
  for (int i = 1; i <= 4; i++) chansend(c, &i);
  int v = 0;
  chanrecv(c, &v);
  chan_ref(c);
  chan_unref(c);
  cr_assert_eq(dropped, 0);
  chan_unref(c);
  cr_assert_eq(dropped, 2 + 3 + 4);
}
