#include "netpoll/iov_cursor.h"

#include <criterion/criterion.h>

using goshim::IovCursor;

Test(iov_cursor, whole_then_rest_of_one_then_the_others) {
  char a[4], b[6], c[2];
  iovec iov[3] = {{a, 4}, {b, 6}, {c, 2}};
  cr_assert_eq(IovCursor::total(iov, 3), 12u);
  IovCursor at(iov, 3);
  cr_assert(at.data() == iov && at.count() == 3);
  at.advance(5);
  cr_assert(at.data()->iov_base == b + 1 && at.data()->iov_len == 5 && at.count() == 1);
  at.advance(5);
  cr_assert(at.data() == iov + 2 && at.count() == 1);
  at.advance(2);
  cr_assert(at.at_end());
}

Test(iov_cursor, empty_elements_are_skipped) {
  char a[2];
  iovec iov[3] = {{a, 0}, {a, 2}, {a, 0}};
  IovCursor at(iov, 3);
  at.advance(2);
  cr_assert(at.at_end());
  iovec none[1] = {{a, 0}};
  IovCursor empty(none, 1);
  empty.advance(0);
  cr_assert(empty.at_end());
}
