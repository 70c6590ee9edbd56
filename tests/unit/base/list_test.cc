#include "base/list.h"

#include <deque>

#include <criterion/criterion.h>

#include "base/rand.h"

using namespace goshim;

namespace {

struct Item {
  int n = 0;
  ListLink<Item> link;
  Item* next = nullptr;
};
using List = IntrusiveList<Item, &Item::link>;
using Queue = IntrusiveQueue<Item, &Item::next>;

void expect_same(const List& list, const std::deque<Item*>& model) {
  Item* e = list.front();
  for (Item* want : model) {
    cr_assert(e == want);
    e = List::next(e);
  }
  cr_assert(e == nullptr);
  cr_assert(list.is_empty() == model.empty());
}

}  // namespace

Test(intrusive_list, random_operations_agree_with_a_deque) {
  Item items[40];
  bool in[40] = {};
  List list;
  std::deque<Item*> model;
  Rand rand;
  for (int step = 0; step < 20000; step++) {
    const uint32_t i = rand.below(40);
    if (!in[i]) {
      in[i] = true;
      if (rand.below(2) == 0) {
        list.push_back(&items[i]);
        model.push_back(&items[i]);
      } else {
        list.push_front(&items[i]);
        model.push_front(&items[i]);
      }
    } else if (rand.below(3) == 0) {
      Item* e = list.pop_front();
      cr_assert(e == model.front());
      model.pop_front();
      in[e - items] = false;
    } else {
      list.erase(&items[i]);
      std::erase(model, &items[i]);
      in[i] = false;
    }
    if (step % 16 == 0) expect_same(list, model);
  }
}

Test(intrusive_list, an_erased_element_has_clean_links) {
  Item a, b, c;
  List list;
  for (Item* e : {&a, &b, &c}) list.push_back(e);
  list.erase(&b);
  cr_assert(b.link.prev == nullptr && b.link.next == nullptr);
  expect_same(list, {&a, &c});
}

Test(intrusive_list, pop_of_an_empty_list_is_null) { cr_assert(List().pop_front() == nullptr); }

Test(intrusive_queue, is_first_in_first_out_with_a_count) {
  Item items[5];
  Queue q;
  for (Item& e : items) q.push_back(&e);
  cr_assert_eq(q.size(), 5);
  for (Item& e : items) cr_assert(q.pop_front() == &e);
  cr_assert(q.is_empty() && q.size() == 0 && q.pop_front() == nullptr);
}

Test(intrusive_queue, push_front_comes_out_first) {
  Item a, b;
  Queue q;
  q.push_front(&a);
  q.push_back(&b);
  cr_assert(q.front() == &a);
  cr_assert(q.pop_front() == &a && q.pop_front() == &b);
}

Test(intrusive_queue, append_moves_all_and_empties_the_other) {
  Item items[4];
  Queue a, b;
  a.push_back(&items[0]);
  for (int i = 1; i < 4; i++) b.push_back(&items[i]);
  a.append(b);
  cr_assert_eq(a.size(), 4);
  cr_assert(b.is_empty() && b.size() == 0);
  a.append(b);  // of nothing
  for (Item& e : items) cr_assert(a.pop_front() == &e);
  Queue empty;
  b.push_back(&items[0]);
  empty.append(b);
  cr_assert(empty.pop_front() == &items[0]);
}
