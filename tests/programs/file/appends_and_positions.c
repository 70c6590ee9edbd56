// covers: read write pwrite open
// 50 threads append records to one file, none torn; 8 threads share one position, each byte read once; holes and the end.
#include "../help.h"

#include <fcntl.h>

enum { kAppenders = 50, kRecords = 20, kReaders = 8, kSize = 300 };

static char name[] = "test-XXXXXX";
static int shared, seen[kAppenders * kRecords];

static void* appender(void* arg) {
  int fd = open(name, O_WRONLY | O_APPEND);
  CHECK(fd >= 0);
  char record[kSize];
  for (int i = 0; i < kRecords; i++) {
    int id = (int)(long)arg * kRecords + i;
    memset(record, 'a' + id % 26, sizeof record);
    snprintf(record, 16, "%d", id);
    CHECK_EQ(write(fd, record, sizeof record), kSize);
  }
  close(fd);
  return arg;
}

static void* reader(void* arg) {
  char record[kSize];
  ssize_t n;
  while ((n = read(shared, record, sizeof record)) > 0) {
    CHECK_EQ(n, kSize);
    int id = atoi(record);
    CHECK(id >= 0 && id < kAppenders * kRecords);
    for (int i = 16; i < kSize; i++) CHECK_EQ(record[i], 'a' + id % 26);
    __atomic_add_fetch(&seen[id], 1, __ATOMIC_SEQ_CST);
  }
  CHECK_EQ(n, 0);
  return arg;
}

static void* holes(void* arg) {
  char text[64];
  int fd = open("hole", O_RDWR | O_CREAT | O_TRUNC, 0600);
  CHECK(fd >= 0);
  CHECK_EQ(pwrite(fd, "end", 3, 1l << 33), 3);
  memset(text, 1, sizeof text);
  CHECK_EQ(pread(fd, text, sizeof text, 1l << 32), (ssize_t)sizeof text);
  for (size_t i = 0; i < sizeof text; i++) CHECK_EQ(text[i], 0);
  CHECK_EQ(pread(fd, text, sizeof text, 1l << 33), 3);
  CHECK_EQ(read(fd, text, 10), 10);
  CHECK_EQ(lseek(fd, 0, SEEK_CUR), 10);
  CHECK_EQ(lseek(fd, 1, SEEK_END), (1l << 33) + 4);
  CHECK_EQ(read(fd, text, 10), 0);
  close(fd);
  CHECK_OK(unlink("hole"));
  return arg;
}

int main(void) {
  CHECK(mkstemp(name) >= 0);
  pthread_t t[kAppenders];
  for (long i = 0; i < kAppenders; i++) t[i] = THREAD(appender, (void*)i);
  for (int i = 0; i < kAppenders; i++) JOIN(t[i]);
  shared = open(name, O_RDONLY);
  for (long i = 0; i < kReaders; i++) t[i] = THREAD(reader, (void*)i);
  for (int i = 0; i < kReaders; i++) JOIN(t[i]);
  for (int i = 0; i < kAppenders * kRecords; i++) CHECK_EQ(seen[i], 1);
  t[0] = THREAD(holes, NULL);
  JOIN(t[0]);
  CHECK_OK(unlink(name));
  return 0;
}
