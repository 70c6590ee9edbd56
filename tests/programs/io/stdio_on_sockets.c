// covers: fdopen fgets fprintf fflush fclose getline
// 20 threads talk line by line through FILEs on sockets, blocked in stdio, served in reverse order.
#include "../help.h"

static int sv[20][2];

static void* body(void* arg) {
  int i = (int)(intptr_t)arg;
  FILE* f = fdopen(sv[i][1], "r+");
  CHECK(f);
  char line[100], *more = NULL;
  size_t size = 0;
  int number = -1;
  CHECK(fgets(line, sizeof line, f));
  CHECK_EQ(sscanf(line, "hello %d", &number), 1);
  CHECK_EQ(number, i);
  CHECK(fprintf(f, "answer %d\n", i * i) > 0);
  CHECK_OK(fflush(f));
  CHECK_EQ(getline(&more, &size, f), 4);
  CHECK_STR(more, "bye\n");
  CHECK(fgetc(f) == EOF && feof(f));
  free(more);
  CHECK_OK(fclose(f));
  return NULL;
}

int main(void) {
  pthread_t t[20];
  for (intptr_t i = 0; i < 20; i++) {
    CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv[i]));
    t[i] = THREAD(body, (void*)i);
  }
  sleep_ms(5);
  for (int i = 19; i >= 0; i--) {
    char want[50], got[50] = "";
    dprintf(sv[i][0], "hello %d\n", i);
    snprintf(want, sizeof want, "answer %d\n", i * i);
    CHECK_EQ(read_all(sv[i][0], got, strlen(want)), strlen(want));
    CHECK_STR(got, want);
    write_all(sv[i][0], "by", 2);
    if (i % 5 == 0) sleep_ms(1);
    write_all(sv[i][0], "e\n", 2);
    CHECK_OK(shutdown(sv[i][0], SHUT_WR));
    JOIN(t[i]);
    close(sv[i][0]);
  }
  return 0;
}
