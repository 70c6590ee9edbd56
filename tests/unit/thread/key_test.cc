// Destructors of thread-specific data. The values are libc's; the hooks that would tell us of keys
// are not here, so the tests do.
#include <pthread.h>
#include <climits>

#include <criterion/criterion.h>

#include "runtime.h"

using namespace goshim;

namespace {

pthread_key_t make_key(void (*destructor)(void*)) {
  pthread_key_t key;
  cr_assert(pthread_key_create(&key, nullptr) == 0);
  key_created(key, destructor);
  return key;
}

Atomic<int> runs;
pthread_key_t key, other;
bool own_value_cleared;

void count(void* value) {
  if (value == &runs) runs.fetch_add_relaxed(1);
  own_value_cleared = pthread_getspecific(key) == nullptr;
}

void set_again(void* value) {
  runs.fetch_add_relaxed(1);
  pthread_setspecific(key, value);
}

void set_other(void*) {
  runs.fetch_add_relaxed(1);
  pthread_setspecific(other, &runs);
}

void* set_value(void*) {
  pthread_setspecific(key, &runs);
  return nullptr;
}

}  // namespace

Test(key, a_destructor_runs_once_with_the_value_already_cleared) {
  test::start_runtime();
  key = make_key(&count);
  test::join(test::go(&set_value, nullptr));
  cr_assert(runs.load_relaxed() == 1 && own_value_cleared);
}

Test(key, not_for_a_thread_without_a_value) {
  test::start_runtime();
  key = make_key(&count);
  test::join(test::go([](void*) -> void* { return nullptr; }, nullptr));
  cr_assert(runs.load_relaxed() == 0);
}

Test(key, not_after_the_key_was_deleted) {
  test::start_runtime();
  key = make_key(&count);
  G* gp = test::go(
      [](void*) -> void* {
        set_value(nullptr);
        key_deleted(key);
        return nullptr;
      },
      nullptr);
  test::join(gp);
  cr_assert(runs.load_relaxed() == 0);
}

Test(key, as_often_as_posix_says_and_no_more) {
  test::start_runtime();
  key = make_key(&set_again);
  test::join(test::go(&set_value, nullptr));
  cr_assert_eq(runs.load_relaxed(), PTHREAD_DESTRUCTOR_ITERATIONS);
  // What the last one set is not there in the next life of the same G.
  G* gp = test::go([](void*) -> void* { return pthread_getspecific(key); }, nullptr);
  cr_assert(test::join(gp) == nullptr);
}

Test(key, a_destructor_may_set_another_key) {
  test::start_runtime();
  other = make_key(&count);
  key = make_key(&set_other);
  test::join(test::go(&set_value, nullptr));
  cr_assert(runs.load_relaxed() == 2);
}

Test(key, a_value_without_destructor_is_gone_in_the_next_life) {
  test::start_runtime();
  key = make_key(nullptr);
  G* first = test::go(&set_value, nullptr);
  test::join(first);
  G* second = test::go([](void*) -> void* { return pthread_getspecific(key); }, nullptr);
  cr_assert(second == first);
  cr_assert(test::join(second) == nullptr);
}

Test(key, the_last_possible_key_works) {
  test::start_runtime();
  pthread_key_t last = 0, k;
  while (pthread_key_create(&k, nullptr) == 0) last = k;
  key = last;
  key_created(key, &count);
  test::join(test::go(&set_value, nullptr));
  cr_assert(runs.load_relaxed() == 1);
}
