// link: -lgoshim
// exit: SIGABRT
// An exception that leaves a goroutine ends the process, as it does in a std::thread.
#include <goshim/goshim.hpp>

#include "check.h"

int main() {
  goshim::go([] { throw 3; });
  goshim::sleep(std::chrono::seconds(10));
  return 0;
}
