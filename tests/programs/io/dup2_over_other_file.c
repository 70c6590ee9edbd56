// covers: dup2 read write
// After dup2 over a number that was used before, reads of that number wait for the new file.
#include "../help.h"

static int target;

static void* reads(void* arg) {
  char c = 0;
  CHECK_EQ(read(target, &c, 1), 1);
  CHECK_EQ(c, *(char*)arg);
  return NULL;
}

int main(void) {
  int a[2], b[2];
  CHECK_OK(pipe(a));
  CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, b));
  target = dup(a[0]);
  for (int i = 0; i < 20; i++) {
    char mark = i % 2 ? 'b' : 'a';
    CHECK_EQ(dup2(i % 2 ? b[0] : a[0], target), target);
    pthread_t t = THREAD(reads, &mark);
    if (i % 4 < 2) sleep_ms(1);
    write_all(i % 2 ? b[1] : a[1], &mark, 1);
    JOIN(t);
  }
  return 0;
}
