// covers: close read pipe dup2
// A descriptor number that is closed and used again at once always means the new file, for waiters
// too.
#include "../help.h"

static void* reads(void* arg) {
  int* job = arg;
  int value = -1;
  CHECK_EQ(read(job[0], &value, sizeof value), sizeof value);
  CHECK_EQ(value, job[1]);
  return NULL;
}

int main(void) {
  int number = -1;
  for (int i = 0; i < 200; i++) {
    int p[2];
    if (i % 3 == 0) CHECK_OK(pipe(p));
    if (i % 3 == 1) CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
    if (i % 3 == 2) tcp_pair(p);
    if (number < 0) number = p[0];
    if (i % 3 != 2) CHECK_EQ(p[0], number);
    int job[2] = {p[0], i};
    pthread_t t = THREAD(reads, job);
    if (i % 20 == 0)
      sleep_ms(1);
    else
      sched_yield();
    write_all(p[1], &i, sizeof i);
    JOIN(t);
    close(p[0]);
    close(p[1]);
  }
  return 0;
}
