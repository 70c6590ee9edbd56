// For test programs of include/goshim: checks, and a few words that shorten them.
#ifndef GOSHIM_TESTS_SUPPORT_API_H
#define GOSHIM_TESTS_SUPPORT_API_H

#include "check.h"

#include <goshim/goshim.h>

#define MS GOSHIM_MILLISECOND

__attribute__((unused)) static void go(void (*fn)(void*), void* arg) {
  CHECK_EQ(goshim_go(fn, arg), 0);
}

__attribute__((unused)) static goshim_chan* make(size_t size, size_t n) {
  goshim_chan* c = goshim_chan_make(size, n);
  CHECK(c != NULL);
  return c;
}

// Long enough for others to have come to where they wait; nothing may depend on it but what a test can notice.
__attribute__((unused)) static void let_them_wait(void) { goshim_sleep(3 * MS); }

#endif
