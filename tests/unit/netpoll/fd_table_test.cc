#include "netpoll/fd_table.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

using namespace goshim;

Test(fd_table, unknown_numbers_have_no_entry) {
  cr_assert_null(fd_find(-1));
  cr_assert_null(fd_find(5));
  cr_assert_null(fd_entry(-1));
  cr_assert_null(fd_entry(12345678));
}

Test(fd_table, probe_asks_what_matters) {
  const int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const timeval tv = {1, 500000};
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
  FdEntry* e = fd_entry(s);
  cr_assert(e != nullptr && e->kind.load_relaxed() == FdKind::kTcp);
  cr_assert(e->has(FdEntry::kNonblock));
  cr_assert_not(e->has(FdEntry::kBorn));
  cr_assert_not(e->owned());
  cr_assert_eq(e->timeout[kRead].load_relaxed(), 1500000000);
  cr_assert_eq(e->timeout[kWrite].load_relaxed(), 0);
}

Test(fd_table, kinds) {
  int p[2], u[2];
  cr_assert(pipe(p) == 0 && socketpair(AF_UNIX, SOCK_SEQPACKET, 0, u) == 0);
  cr_assert(fd_entry(p[0])->kind.load_relaxed() == FdKind::kPipe);
  cr_assert(fd_entry(u[0])->kind.load_relaxed() == FdKind::kSeqpacket);
  cr_assert(fd_entry(open("/proc/self/exe", O_RDONLY))->kind.load_relaxed() == FdKind::kFile);
  cr_assert(fd_socket_kind(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0) == FdKind::kTcp);
  cr_assert(fd_socket_kind(AF_INET, SOCK_STREAM, 262) == FdKind::kStream);
  cr_assert(fd_socket_kind(AF_UNIX, SOCK_STREAM, 0) == FdKind::kStream);
  cr_assert(fd_socket_kind(AF_UNIX, SOCK_DGRAM, 0) == FdKind::kUnixDgram);
  cr_assert(fd_socket_kind(AF_INET, SOCK_DGRAM, 0) == FdKind::kDgram);
}

Test(fd_table, a_new_life_forgets_the_old) {
  int p[2];
  cr_assert(pipe(p) == 0);
  FdEntry* e = fd_entry(p[0]);
  const uint32_t gen = e->gen.load_relaxed();
  const uint32_t seen = e->pd.snapshot(kRead);
  e->set_drained(seen);
  cr_assert(e->is_drained(seen));
  fd_dying(p[0]);
  cr_assert_neq(e->gen.load_relaxed(), gen);
  cr_assert(e->kind.load_relaxed() == FdKind::kUnknown);
  cr_assert_not(e->is_drained(e->pd.snapshot(kRead)));
}

Test(fd_table, sharing_ends_ownership) {
  FdEntry e;
  e.set(FdEntry::kBorn);
  e.epoch.store_relaxed(fd_share_epoch.load_relaxed());
  cr_assert(e.owned());
  fd_table_shared();
  cr_assert_not(e.owned());
}
