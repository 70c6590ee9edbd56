// covers: select
// select with descriptors above 64 reports read, write and nothing else; its sets are cleared at
// timeout.
#include "../help.h"

#include <sys/select.h>

static void* writes(void* arg) {
  sleep_ms(5);
  write_all(*(int*)arg, "x", 1);
  return NULL;
}

int main(void) {
  int p[2], q[2], high[2] = {300, 700};
  CHECK_OK(pipe(p));
  CHECK_OK(pipe(q));
  CHECK_EQ(dup2(p[0], high[0]), high[0]);
  CHECK_EQ(dup2(q[0], high[1]), high[1]);
  JOIN(THREAD(writes, &p[1]));
  char c;
  CHECK_EQ(read(p[0], &c, 1), 1);
  for (int i = 0; i < 6; i++) {
    fd_set r, w, e;
    FD_ZERO(&r);
    FD_ZERO(&w);
    FD_ZERO(&e);
    FD_SET(high[0], &r), FD_SET(high[1], &r), FD_SET(high[0], &e);
    struct timeval tv = {0, 10000};
    long long start = now_ms();
    CHECK_EQ(select(701, &r, &w, &e, &tv), 0);
    CHECK_ELAPSED(start, 10, 30000);
    CHECK(!FD_ISSET(high[0], &r) && !FD_ISSET(high[1], &r) && !FD_ISSET(high[0], &e));
    CHECK(tv.tv_sec == 0 && tv.tv_usec == 0);
    FD_SET(high[0], &r), FD_SET(high[1], &r), FD_SET(p[1], &w);
    if (i % 2) FD_ZERO(&w);
    pthread_t t = THREAD(writes, i % 2 ? &q[1] : &p[1]);
    tv.tv_sec = 20;
    CHECK_EQ(select(701, &r, &w, NULL, i % 3 ? NULL : &tv), 1);
    CHECK_EQ(!!FD_ISSET(high[1], &r), i % 2);
    CHECK_EQ(!!FD_ISSET(p[1], &w), i % 2 == 0);
    JOIN(t);
    CHECK_EQ(read(i % 2 ? high[1] : high[0], &c, 1), 1);
  }
  return 0;
}
