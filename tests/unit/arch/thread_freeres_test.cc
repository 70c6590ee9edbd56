#include "arch/amd64/thread_freeres.h"

#include <criterion/criterion.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "arch/amd64/tcb.h"

using namespace goshim;

namespace {

// The end of a thread: three calls, some bytes, the countdown. Around it nops.
struct Code {
  uint8_t bytes[512];
  uint8_t* next = bytes + 100;
  uint8_t dtors[1], tsd[1], freeres[1], other[1];
  int nthreads = 0;

  Code() { memset(bytes, 0x90, sizeof bytes); }

  Code& put(std::initializer_list<uint8_t> op, const void* to,
            std::initializer_list<uint8_t> rest = {}) {
    for (uint8_t b : op) *next++ = b;
    const auto away =
        static_cast<int32_t>(static_cast<const uint8_t*>(to) - (next + 4 + rest.size()));
    memcpy(next, &away, sizeof away);
    next += sizeof away;
    for (uint8_t b : rest) *next++ = b;
    return *this;
  }
  Code& call(const void* to) { return put({0xe8}, to); }
  Code& skip(int n) {
    next += n;
    return *this;
  }
  Code& dec(const void* counter) { return put({0xf0, 0xff, 0x0d}, counter); }
  Code& sub(const void* counter, uint8_t n) { return put({0xf0, 0x83, 0x2d}, counter, {n}); }

  const void* find() const {
    return reinterpret_cast<const void*>(
        find_thread_freeres(bytes, bytes + sizeof bytes, dtors, &nthreads));
  }
};

}  // namespace

Test(thread_freeres, found_in_both_forms) {
  Code a, b;
  a.call(a.dtors).call(a.tsd).call(a.freeres).skip(31).dec(&a.nthreads);
  cr_assert_eq(a.find(), a.freeres);
  b.call(b.dtors).call(b.tsd).call(b.freeres).skip(54).sub(&b.nthreads, 1);
  cr_assert_eq(b.find(), b.freeres);
}

Test(thread_freeres, anything_else_is_refused) {
  Code no_count, other_count, other_step, far, two_calls, not_first, twice;
  no_count.call(no_count.dtors).call(no_count.tsd).call(no_count.freeres);
  cr_assert_null(no_count.find());
  other_count.call(other_count.dtors)
      .call(other_count.tsd)
      .call(other_count.freeres)
      .dec(other_count.other);
  cr_assert_null(other_count.find());
  other_step.call(other_step.dtors)
      .call(other_step.tsd)
      .call(other_step.freeres)
      .sub(&other_step.nthreads, 2);
  cr_assert_null(other_step.find());
  far.call(far.dtors).call(far.tsd).call(far.freeres).skip(96).dec(&far.nthreads);
  cr_assert_null(far.find());
  two_calls.call(two_calls.dtors).call(two_calls.tsd).skip(5).dec(&two_calls.nthreads);
  cr_assert_null(two_calls.find());
  not_first.call(not_first.other)
      .call(not_first.tsd)
      .call(not_first.freeres)
      .dec(&not_first.nthreads);
  cr_assert_null(not_first.find());
  for (int i = 0; i < 2; i++)
    twice.call(twice.dtors).call(twice.tsd).call(twice.freeres).dec(&twice.nthreads).skip(80);
  cr_assert_null(twice.find());
}

Test(thread_freeres, nothing_is_read_behind_the_end) {
  Code c;
  c.call(c.dtors).call(c.tsd).call(c.freeres).dec(&c.nthreads);
  cr_assert_null(
      reinterpret_cast<const void*>(find_thread_freeres(c.bytes, c.next, c.dtors, &c.nthreads)));
  cr_assert_null(
      reinterpret_cast<const void*>(find_thread_freeres(c.bytes, c.bytes, c.dtors, &c.nthreads)));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

static void* leave(void*) {
  static void* all[7][60];
  for (auto& round : all)
    for (size_t i = 0; i < 60; i++) round[i] = malloc(i * 16 + 8);
  for (auto& round : all)
    for (void* p : round) free(p);
  const size_t before = mallinfo2().uordblks;
  tcb_leave_thread();
  const size_t after = mallinfo2().uordblks;
  cr_expect(after + 100000 < before, "%zu, then %zu bytes in use", before, after);
  return nullptr;
}

// This machine's libc: a thread's cached memory comes back.
Test(thread_freeres, the_real_one) {
  cr_assert_null(tcb_init());
  pthread_t thread;
  cr_assert_eq(pthread_create(&thread, nullptr, &leave, nullptr), 0);
  cr_assert_eq(pthread_join(thread, nullptr), 0);
}

#endif
