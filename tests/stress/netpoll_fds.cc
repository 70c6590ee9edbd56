// Descriptors under the poller: pairs of Gs talk over socketpairs and pipes while others poll them;
// numbers are closed and used again at once, so events of an earlier life must go nowhere.
#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "crew.h"
#include "netpoll/fd_io.h"
#include "netpoll/fd_life.h"
#include "netpoll/poll_fds.h"
#include "os/syscall.h"

namespace {

using namespace goshim;

constexpr int kPairs = 8;
constexpr int kMessages = 60;

struct Pair {
  int fds[2];
  bool is_pipe;
};

void shut(int fd) {
  fd_dying(fd);
  STRESS_CHECK(os::sys(SYS_close, fd) == 0);
}

void send_side(Pair& p, test::Random& random) {
  char buf[3000];
  for (int i = 0; i < kMessages; i++) {
    const size_t n = 1 + random.below(sizeof buf);
    for (size_t k = 0; k < n; k++) buf[k] = static_cast<char>(i);
    // A length, then as many bytes.
    const uint32_t head = static_cast<uint32_t>(n);
    STRESS_CHECK(fd_write(p.fds[1], &head, sizeof head) == sizeof head);
    test::dawdle(random);
    STRESS_CHECK(fd_write(p.fds[1], buf, n) == static_cast<long>(n));
  }
  shut(p.fds[1]);
}

bool read_n(const Pair& p, void* to, size_t n, test::Random& random) {
  size_t have = 0;
  while (have < n) {
    if (random.one_in(4)) {
      pollfd look = {p.fds[0], POLLIN, 0};
      const long r = fd_poll(&look, 1, static_cast<int>(random.below(3)) - 1);
      STRESS_CHECK(r == 0 || r == 1);
      if (r == 0) continue;
    }
    const long r = fd_read(p.fds[0], static_cast<char*>(to) + have, n - have);
    STRESS_CHECK(r >= 0);
    if (r == 0) return false;
    have += static_cast<size_t>(r);
  }
  return true;
}

void receive_side(Pair& p, test::Random& random) {
  char buf[3000];
  uint32_t n = 0;
  for (int i = 0; i < kMessages; i++) {
    STRESS_CHECK(read_n(p, &n, sizeof n, random));
    STRESS_CHECK(n <= sizeof buf && read_n(p, buf, n, random));
    STRESS_CHECK(buf[0] == static_cast<char>(i) && buf[n - 1] == static_cast<char>(i));
  }
  STRESS_CHECK(!read_n(p, &n, 1, random));
  shut(p.fds[0]);
}

void* round(void* arg) {
  auto& stress = *static_cast<test::Stress*>(arg);
  Pair pairs[kPairs];
  for (int i = 0; i < kPairs; i++) {
    pairs[i].is_pipe = i % 2 != 0;
    const long r = pairs[i].is_pipe ? fd_pipe2(pairs[i].fds, 0)
                                    : fd_socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i].fds);
    STRESS_CHECK(r == 0);
  }
  test::run_crew(2 * kPairs, 0, stress.random().next(), [&](int index, test::Random& random) {
    Pair& p = pairs[index / 2];
    index % 2 == 0 ? send_side(p, random) : receive_side(p, random);
  });
  return arg;
}

}  // namespace

int main(int argc, char** argv) {
  test::Stress stress(argc, argv, "netpoll_fds");
  test::start_crew();
  while (stress.next()) STRESS_CHECK(test::join(test::go(&round, &stress)) == &stress);
  return 0;
}
