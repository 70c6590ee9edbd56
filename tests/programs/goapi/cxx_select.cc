// link: -lgoshim
// Select with functions for cases.
#include <goshim/goshim.hpp>

#include "check.h"

#include <string>

using namespace std::chrono_literals;
using goshim::chan;

int main() {
  chan<std::string> texts(0);
  chan<int> numbers(0), nil(nullptr);
  chan<goshim::none> quit(0);
  goshim::go([=] {
    for (int i = 0; i < 100; i++) texts.send(std::to_string(i));
    texts.close();
  });
  goshim::go([=] {
    for (int i = 0; i < 100; i++) numbers.recv();
    quit.close();
  });
  int received = 0, sent = 0;
  bool texts_open = true, done = false;
  chan<std::string> in = texts;
  while (texts_open || !done) {
    goshim::select(
        goshim::on_recv(in,
                        [&](std::optional<std::string> s) {
                          if (!s) {
                            texts_open = false;
                            in = chan<std::string>(nullptr);
                            return;
                          }
                          CHECK(*s == std::to_string(received++));
                        }),
        goshim::on_send(done ? nil : numbers, sent, [&] { sent++; }),
        goshim::on_recv(done ? chan<goshim::none>(nullptr) : quit, [&] { done = true; }));
  }
  CHECK_EQ(received, 100);
  CHECK_EQ(sent, 100);
  CHECK(!goshim::try_select(goshim::on_recv(nil, [] {})));
  CHECK(!goshim::select_for(1ms, goshim::on_recv(nil, [] {}), goshim::on_send(nil, 1, [] {})));
  int fds[2];
  CHECK_OK(pipe(fds));
  CHECK_EQ(write(fds[1], "x", 1), 1);
  bool readable = false;
  CHECK(goshim::select_for(10s, goshim::on_recv(nil, [] {}),
                           goshim::on_readable(fds[0], [&](int) { readable = true; })));
  CHECK(readable);
  // What a function throws comes out of the select.
  try {
    goshim::select(goshim::on_writable(fds[1], [] { throw 7; }));
    CHECK(!"reached");
  } catch (int e) {
    CHECK_EQ(e, 7);
  }
  return 0;
}
