// covers: flockfile funlockfile ftrylockfile fprintf
// A FILE held by one thread, which blocks meanwhile, keeps the others' output out; lines stay
// whole.
#include "../help.h"

static FILE* f;

static void* body(void* arg) {
  int i = (int)(intptr_t)arg;
  for (int k = 0; k < 20; k++) {
    flockfile(f);
    CHECK_OK(ftrylockfile(f));
    fprintf(f, "%d:", i);
    if (k % 5 == 0) sleep_ms(1);
    fprintf(f, "%d", k);
    fputs(";\n", f);
    funlockfile(f);
    funlockfile(f);
  }
  return NULL;
}

int main(void) {
  char* text = NULL;
  size_t size = 0;
  f = open_memstream(&text, &size);
  CHECK(f);
  pthread_t t[10];
  for (intptr_t i = 0; i < 10; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 10; i++) JOIN(t[i]);
  CHECK_OK(fclose(f));
  int next[10] = {0}, lines = 0;
  for (char* line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), lines++) {
    int i = -1, k = -1;
    char end = 0;
    CHECK_EQ(sscanf(line, "%d:%d%c", &i, &k, &end), 3);
    CHECK(i >= 0 && i < 10 && end == ';');
    CHECK_EQ(k, next[i]++);
  }
  CHECK_EQ(lines, 200);
  free(text);
  return 0;
}
