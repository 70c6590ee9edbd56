// covers: read write recvfrom sendto
// 100 threads are blocked at once inside libc, each in fgets, getline, fprintf or vdprintf on its
// own socket, and go on in an arbitrary order. With the argument `hold` it says when all of them
// are blocked and goes on after a line from stdin: tests/preload/patch.py counts kernel threads
// then.
#include "../help.h"

enum { kThreads = 100, kKinds = 4, kBig = 1 << 20 };

static int sv[kThreads][2];
static int about_to_block;

static void announce(void) { __atomic_add_fetch(&about_to_block, 1, __ATOMIC_SEQ_CST); }

static void reads_lines(FILE* f, int i) {
  char line[100], want[100], *grown = NULL;
  size_t size = 0;
  announce();
  for (int k = 0; k < 2; k++) {
    snprintf(want, sizeof want, "line %d of %d\n", k, i);
    if (i % kKinds == 0) {
      CHECK(fgets(line, sizeof line, f) == line);
      CHECK_STR(line, want);
    } else {
      CHECK_EQ(getline(&grown, &size, f), strlen(want));
      CHECK_STR(grown, want);
    }
  }
  free(grown);
}

static void writes_much(FILE* f, int fd, int i) {
  announce();
  if (i % kKinds == 2) {
    CHECK_EQ(fprintf(f, "%0*d\n", kBig, i), kBig + 1);
    CHECK_OK(fflush(f));
  } else {
    CHECK_EQ(dprintf(fd, "%0*d\n", kBig, i), kBig + 1);
  }
}

static void* body(void* arg) {
  int i = (int)(intptr_t)arg;
  FILE* f = fdopen(sv[i][1], "r+");
  CHECK(f);
  if (i % kKinds < 2) {
    reads_lines(f, i);
  } else {
    writes_much(f, sv[i][1], i);
  }
  CHECK_OK(fclose(f));
  return NULL;
}

static void release(int i) {
  static char text[kBig + 2];
  if (i % kKinds < 2) {
    dprintf(sv[i][0], "line 0 of %d\nline ", i);
    if (i % 3 == 0) sleep_ms(1);
    dprintf(sv[i][0], "1 of %d\n", i);
    return;
  }
  CHECK_EQ(read_all(sv[i][0], text, kBig + 1), kBig + 1);
  CHECK_EQ(strtol(text, NULL, 10), i);
  CHECK_EQ(text[kBig], '\n');
}

int main(int argc, char** argv) {
  pthread_t t[kThreads];
  for (intptr_t i = 0; i < kThreads; i++) {
    CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv[i]));
    t[i] = THREAD(body, (void*)i);
  }
  while (__atomic_load_n(&about_to_block, __ATOMIC_SEQ_CST) < kThreads) sleep_ms(1);
  sleep_ms(20);
  if (argc > 1 && strcmp(argv[1], "hold") == 0) {
    char line[10];
    printf("blocked\n");
    fflush(stdout);
    CHECK(fgets(line, sizeof line, stdin));
  }
  for (int k = 0; k < kThreads; k++) {
    int i = (k * 37 + 11) % kThreads;
    release(i);
    JOIN(t[i]);
    close(sv[i][0]);
  }
  return 0;
}
