#include "base/log.h"

#include <climits>

#include <criterion/criterion.h>

#include "capture.h"

using goshim::Hex;
using goshim::Log;
using goshim::test::CapturedStderr;

namespace {

template <typename F>
std::string line(F f) {
  CapturedStderr err;
  f();
  return err.take();
}

}  // namespace

Test(log, one_line_with_prefix) {
  cr_assert(line([] { Log() << "a " << 1 << ' ' << -2L << "."; }) == "goshim: a 1 -2.\n");
}

Test(log, without_prefix) {
  cr_assert(line([] { Log(Log::kNoPrefix) << "x"; }) == "x\n");
}

Test(log, numbers_at_their_ends) {
  cr_assert(line([] { Log(Log::kNoPrefix) << 0 << ' ' << INT_MIN << ' ' << INT_MAX; }) ==
            "0 -2147483648 2147483647\n");
  cr_assert(line([] { Log(Log::kNoPrefix) << LLONG_MIN << ' ' << ULLONG_MAX; }) ==
            "-9223372036854775808 18446744073709551615\n");
  cr_assert(line([] {
              Log(Log::kNoPrefix) << Hex{0} << ' ' << Hex{0x1f} << ' ' << Hex{UINT64_MAX};
            }) == "0x0 0x1f 0xffffffffffffffff\n");
}

Test(log, a_long_line_is_cut_and_still_ends) {
  const std::string text = line([] {
    Log log;
    for (int i = 0; i < 1000; i++) log << "0123456789";
  });
  cr_assert(text.size() == 400 && text.back() == '\n');
  cr_assert(text.find('\n') == text.size() - 1);
}
