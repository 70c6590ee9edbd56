// Asking the kernel what an fd is, when no hook saw it being opened.
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "netpoll/netpoll.h"
#include "os/clock.h"
#include "os/syscall.h"

namespace goshim {

namespace {

struct Facts {
  FdKind kind = FdKind::kUnknown;
  uint32_t flags = 0;
  int64_t timeout[2] = {0, 0};
};

int sock_int(int fd, int name, int fallback) {
  int v = 0;
  socklen_t n = sizeof v;
  return os::sys(SYS_getsockopt, fd, SOL_SOCKET, name, &v, &n) == 0 ? v : fallback;
}

int64_t sock_timeout(int fd, int name) {
  timeval tv = {};
  socklen_t n = sizeof tv;
  if (os::sys(SYS_getsockopt, fd, SOL_SOCKET, name, &tv, &n) != 0) return 0;
  return static_cast<int64_t>(tv.tv_sec) * os::kSecond + tv.tv_usec * 1000;
}

// An established kTLS socket hands out records.
bool has_ulp(int fd) {
  constexpr int kTcpUlp = 31;
  char name[16];
  socklen_t n = sizeof name;
  return os::sys(SYS_getsockopt, fd, IPPROTO_TCP, kTcpUlp, name, &n) == 0 && n > 0;
}

void ask_socket(int fd, Facts* f) {
  f->kind = fd_socket_kind(sock_int(fd, SO_DOMAIN, AF_UNSPEC), sock_int(fd, SO_TYPE, SOCK_RAW),
                           sock_int(fd, SO_PROTOCOL, -1));
  f->timeout[kRead] = sock_timeout(fd, SO_RCVTIMEO);
  f->timeout[kWrite] = sock_timeout(fd, SO_SNDTIMEO);
  if (sock_int(fd, SO_RCVLOWAT, 1) > 1) f->flags |= FdEntry::kNoGuess;
  if (f->kind == FdKind::kTcp && has_ulp(fd)) f->flags |= FdEntry::kNoGuess;
}

bool ask(int fd, Facts* f) {
  struct stat st;
  if (os::sys(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH) != 0) return false;
  long fl = os::sys(SYS_fcntl, fd, F_GETFL);
  if (fl < 0) return false;
  if ((fl & O_NONBLOCK) != 0) f->flags |= FdEntry::kNonblock;
  // RWF_NOWAIT would wait for the disk.
  if ((fl & O_DIRECT) != 0) f->flags |= FdEntry::kNoNowaitRead;
  if ((fl & (O_DIRECT | O_DSYNC)) != 0) f->flags |= FdEntry::kWaits;
  if (S_ISSOCK(st.st_mode)) {
    ask_socket(fd, f);
  } else if (S_ISFIFO(st.st_mode)) {
    f->kind = FdKind::kPipe;
  } else if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode)) {
    f->kind = FdKind::kFile;
  } else {
    f->kind = FdKind::kOther;
    int group = 0;
    if (S_ISCHR(st.st_mode) && os::sys(SYS_ioctl, fd, TIOCGPGRP, &group) == 0)
      f->flags |= FdEntry::kTty;
  }
  return true;
}

}  // namespace

FdEntry* fd_probe(int fd) {
  FdEntry* e = fd_make(fd);
  if (e == nullptr) return nullptr;
  uint32_t gen = e->gen.load_relaxed();  // relaxed: compared under the lock
  Facts facts;
  if (!ask(fd, &facts)) return nullptr;
  MLockGuard guard(e->pd.lock);
  if (e->gen.load_relaxed() == gen && e->kind.load_relaxed() == FdKind::kUnknown) {
    e->flags.store_relaxed(facts.flags);
    e->timeout[kRead].store_relaxed(facts.timeout[kRead]);
    e->timeout[kWrite].store_relaxed(facts.timeout[kWrite]);
    e->kind.store_relaxed(facts.kind);
  }
  return e;
}

}  // namespace goshim
