#include "base/slab.h"

#include <cstring>
#include <set>

#include <criterion/criterion.h>

using goshim::Slab;

namespace {

struct Thing {
  int value = 42;
  char rest[116] = {};
};
constinit Slab<Thing> slab;

}  // namespace

Test(slab, objects_are_constructed_distinct_and_apart) {
  std::set<Thing*> all;
  // More than one chunk.
  for (int i = 0; i < 2000; i++) {
    Thing* t = slab.alloc();
    cr_assert(t != nullptr);
    cr_assert_eq(t->value, 42);
    t->value = 0;
    std::memset(t->rest, 0xff, sizeof t->rest);
    cr_assert(all.insert(t).second);
  }
  Thing* before = nullptr;
  for (Thing* t : all) {
    cr_assert(before == nullptr || t - before >= 1);
    before = t;
  }
}
