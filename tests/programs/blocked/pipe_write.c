// covers: write writev
// also: GOSHIM_PATCH=0
// 32 threads each write to a full pipe, which is then emptied.
#include "blocked.h"

#include <fcntl.h>
#include <sys/uio.h>

enum { kPart = 4096 };

static int p[kBlocked][2];
static size_t filled[kBlocked];
static char part[kPart];

static void fill(int i) {
  CHECK_OK(pipe(p[i]));
  CHECK_OK(fcntl(p[i][1], F_SETFL, O_NONBLOCK));
  while (write(p[i][1], part, kPart) == kPart) filled[i] += kPart;
  CHECK_EQ(errno, EAGAIN);
  CHECK_OK(fcntl(p[i][1], F_SETFL, 0));
}

static void write_more(int i) {
  struct iovec two[2] = {{part, 10}, {part, kPart - 10}};
  CHECK_EQ(i % 2 ? writev(p[i][1], two, 2) : write(p[i][1], part, kPart), kPart);
  close(p[i][1]);
}

static void empty(int i) {
  static char text[1 << 20];
  CHECK(filled[i] < sizeof text - kPart);
  CHECK_EQ(read_all(p[i][0], text, sizeof text), filled[i] + kPart);
  close(p[i][0]);
}

int main(void) {
  for (int i = 0; i < kBlocked; i++) fill(i);
  run_blocked(write_more, empty);
  return 0;
}
