// covers: close read
// Closing a pipe end that another thread reads: that thread may get data, the end or EBADF; nobody
// else hangs.
#include "../help.h"

static void* reads(void* arg) {
  char c;
  ssize_t n = read(*(int*)arg, &c, 1);
  CHECK(n == 1 || n == 0 || (n == -1 && errno == EBADF));
  return NULL;
}

static void* other(void* arg) {
  int* p = arg;
  for (int i = 0; i < 50; i++) {
    char c = 0;
    write_all(p[1], "z", 1);
    CHECK_EQ(read(p[0], &c, 1), 1);
    CHECK_EQ(c, 'z');
  }
  return NULL;
}

int main(void) {
  for (int round = 0; round < 10; round++) {
    int p[2], q[2];
    CHECK_OK(pipe(p));
    CHECK_OK(pipe(q));
    int writer = dup(p[1]);
    pthread_t t = THREAD(reads, &p[0]), o = THREAD(other, q);
    sleep_ms(round % 3);
    /* In Linux the reader stays in read on the open file until there is data. */
    (void)!write(writer, "x", 1);
    close(p[0]);
    JOIN(o);
    JOIN(t);
    close(p[1]), close(writer), close(q[0]), close(q[1]);
  }
  return 0;
}
