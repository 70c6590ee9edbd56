// covers: fputs fgets putc_unlocked
// One FILE on a pipe is filled by 8 threads and drained by 4 that block in fgets: each line whole,
// once.
#include "../help.h"

static FILE *in, *out;
static int seen[400];

static void* writes(void* arg) {
  for (int i = 0; i < 50; i++) {
    fprintf(out, "number %d of thread %d\n", (int)(intptr_t)arg * 50 + i, (int)(intptr_t)arg);
    if (i % 10 == 0) fflush(out);
  }
  return NULL;
}

static void* reads(void* arg) {
  char line[100];
  while (fgets(line, sizeof line, in)) {
    int n = -1, thread = -1;
    char end = 0;
    CHECK_EQ(sscanf(line, "number %d of thread %d%c", &n, &thread, &end), 3);
    CHECK(n >= 0 && n < 400 && n / 50 == thread && end == '\n');
    __atomic_add_fetch(&seen[n], 1, __ATOMIC_SEQ_CST);
  }
  return arg;
}

int main(void) {
  int p[2];
  CHECK_OK(pipe(p));
  in = fdopen(p[0], "r");
  out = fdopen(p[1], "w");
  pthread_t r[4], w[8];
  for (int i = 0; i < 4; i++) r[i] = THREAD(reads, NULL);
  for (intptr_t i = 0; i < 8; i++) w[i] = THREAD(writes, (void*)i);
  for (int i = 0; i < 8; i++) JOIN(w[i]);
  CHECK_OK(fclose(out));
  for (int i = 0; i < 4; i++) JOIN(r[i]);
  for (int i = 0; i < 400; i++) CHECK_EQ(seen[i], 1);
  return 0;
}
