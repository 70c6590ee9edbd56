// link: -lgoshim
// Typed channels: values that are moved, boxes that are destroyed, range-for, nil, try and timed forms.
#include <goshim/goshim.hpp>

#include "check.h"

#include <memory>
#include <string>

using namespace std::chrono_literals;
using goshim::chan;

namespace {

int alive;
struct Counted {
  explicit Counted(int v) : value(v) { alive++; }
  Counted(Counted&& o) noexcept : value(o.value) { alive++; }
  ~Counted() { alive--; }
  int value;
};

void strings() {
  for (std::size_t n : {0u, 1u, 16u}) {
    chan<std::string> c(n);
    goshim::go([c] {
      for (int i = 0; i < 50; i++)
        c.send("a text that does not fit into the object " + std::to_string(i));
      c.close();
    });
    int next = 0;
    for (std::string& s : c)
      CHECK(s == "a text that does not fit into the object " + std::to_string(next++));
    CHECK_EQ(next, 50);
    CHECK(!c.recv());
  }
}

void what_is_left_is_destroyed() {
  {
    chan<Counted> c(8);
    for (int i = 0; i < 8; i++) c.send(Counted(i));
    CHECK_EQ(alive, 8);
    CHECK_EQ(c.recv()->value, 0);
    CHECK_EQ(alive, 7);
  }
  CHECK_EQ(alive, 0);
}

void what_is_not_sent_stays() {
  std::string text = "a text that does not fit into the object";
  const std::string copy = text;
  chan<std::string> c(0), nil(nullptr);
  CHECK(!nil && c);
  CHECK(!c.try_send(text));
  CHECK(text == copy);
  CHECK(!c.send_for(text, 1ms));
  CHECK(text == copy);
  CHECK(!nil.try_send(text));
  std::optional<std::string> got;
  CHECK_EQ(c.try_recv(got), GOSHIM_WOULD_BLOCK);
  CHECK_EQ(c.recv_for(got, 1ms), GOSHIM_WOULD_BLOCK);
  chan<std::string> one(1);
  CHECK(one.try_send(std::move(text)));
  CHECK_EQ(one.try_recv(got), GOSHIM_OK);
  CHECK(*got == copy);
  one.close();
  CHECK_EQ(one.try_recv(got), GOSHIM_CLOSED);
  CHECK(!got);
}

}  // namespace

int main() {
  strings();
  what_is_left_is_destroyed();
  what_is_not_sent_stays();
  chan<std::unique_ptr<int>> boxes(1);
  boxes.send(std::make_unique<int>(4));
  CHECK_EQ(**boxes.recv(), 4);
  chan<goshim::none> events(2);
  events.send({});
  CHECK(events.recv());
  chan<int> numbers(1);
  goshim::go([](int a, std::string b, chan<int> c) { c.send(a + static_cast<int>(b.size())); }, 3,
             "abc", numbers);
  CHECK_EQ(*numbers.recv(), 6);
  return 0;
}
