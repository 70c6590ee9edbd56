// covers: pread pwrite read write lseek fsync ftruncate
// 12 threads write and read their own parts of one file; shared-offset reads give each record to
// one thread.
#include "../help.h"

#include <fcntl.h>

static int fd, records[600];

static void* own_part(void* arg) {
  intptr_t i = (intptr_t)arg;
  char block[4096], got[4096];
  for (int k = 0; k < 10; k++) {
    memset(block, (int)(i * 10 + k), sizeof block);
    off_t at = (i * 10 + k) * 4096;
    CHECK_EQ(pwrite(fd, block, sizeof block, at), sizeof block);
    CHECK_EQ(pread(fd, got, sizeof got, at), sizeof got);
    CHECK(memcmp(block, got, sizeof got) == 0);
  }
  if (i == 0) CHECK_OK(fsync(fd));
  return NULL;
}

static void* shared(void* arg) {
  int value;
  ssize_t n;
  while ((n = read(fd, &value, sizeof value)) == sizeof value) {
    CHECK(value >= 0 && value < 600);
    __atomic_add_fetch(&records[value], 1, __ATOMIC_SEQ_CST);
  }
  CHECK_EQ(n, 0);
  return arg;
}

int main(void) {
  char name[] = "test-file-XXXXXX";
  fd = mkstemp(name);
  CHECK(fd >= 0);
  CHECK_OK(unlink(name));
  pthread_t t[12];
  for (intptr_t i = 0; i < 12; i++) t[i] = THREAD(own_part, (void*)i);
  for (int i = 0; i < 12; i++) JOIN(t[i]);
  CHECK_EQ(lseek(fd, 0, SEEK_END), 12 * 10 * 4096);
  CHECK_OK(ftruncate(fd, 0));
  CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
  for (int i = 0; i < 600; i++) write_all(fd, &i, sizeof i);
  CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
  for (int i = 0; i < 12; i++) t[i] = THREAD(shared, NULL);
  for (int i = 0; i < 12; i++) JOIN(t[i]);
  for (int i = 0; i < 600; i++) CHECK_EQ(records[i], 1);
  close(fd);
  return 0;
}
