// covers: creat rename renameat renameat2 unlink unlinkat link linkat symlink symlinkat mkdir mkdirat rmdir stat lstat fstatat statx ftruncate truncate fallocate posix_fallocate syncfs sync_file_range fsync fdatasync copy_file_range tee open openat
// Eight threads, each making, renaming, measuring and removing files of its own by every call there is.
#include "../help.h"

#include <fcntl.h>
#include <sys/stat.h>

static void sizes(const char* name, int fd) {
  struct stat st;
  struct statx sx;
  CHECK_OK(ftruncate(fd, 10000));
  CHECK_OK(stat(name, &st));
  CHECK_EQ(st.st_size, 10000);
  CHECK_OK(truncate(name, 5000));
  CHECK_OK(fstatat(AT_FDCWD, name, &st, 0));
  CHECK_EQ(st.st_size, 5000);
  CHECK_EQ(posix_fallocate(fd, 0, 20000), 0);
  CHECK_EQ(posix_fallocate(-1, 0, 20000), EBADF);
  CHECK_OK(statx(AT_FDCWD, name, 0, STATX_SIZE, &sx));
  CHECK_EQ((long)sx.stx_size, 20000);
  if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 20000, 4096) != 0) CHECK_EQ(errno, EOPNOTSUPP);
  CHECK_OK(fsync(fd));
  CHECK_OK(fdatasync(fd));
  CHECK_OK(sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE));
}

static void copies(const char* name, int dir) {
  int in = open(name, O_RDWR), out = openat(dir, "copy", O_RDWR | O_CREAT, 0644);
  char text[16] = "";
  CHECK(in >= 0 && out >= 0);
  CHECK_EQ(pwrite(in, "copied", 6, 0), 6);
  CHECK_OK(ftruncate(in, 6));
  if (copy_file_range(in, NULL, out, NULL, 6, 0) == 6) {
    CHECK_EQ(pread(out, text, sizeof text, 0), 6);
    CHECK(memcmp(text, "copied", 6) == 0);
  }
  close(in);
  close(out);
  int a[2], b[2];
  CHECK_OK(pipe(a));
  CHECK_OK(pipe(b));
  write_all(a[1], "tee", 3);
  CHECK_EQ(tee(a[0], b[1], 3, 0), 3);
  CHECK_EQ(read(b[0], text, sizeof text), 3);
  CHECK_EQ(read(a[0], text, sizeof text), 3);
  for (int i = 0; i < 2; i++) close(a[i]), close(b[i]);
  CHECK_OK(unlinkat(dir, "copy", 0));
}

static void* body(void* arg) {
  char d[32], name[64], other[64];
  snprintf(d, sizeof d, "dir-%ld", (long)arg);
  CHECK_OK((long)arg % 2 ? mkdir(d, 0700) : mkdirat(AT_FDCWD, d, 0700));
  int dir = open(d, O_RDONLY | O_DIRECTORY);
  CHECK(dir >= 0);
  CHECK_ERRNO(mkdir(d, 0700), EEXIST);
  CHECK_ERRNO(open("missing/file", O_RDONLY), ENOENT);
  snprintf(name, sizeof name, "%s/one", d);
  snprintf(other, sizeof other, "%s/two", d);
  int fd = creat(name, 0640);
  CHECK(fd >= 0);
  sizes(name, fd);
  close(fd);
  struct stat st;
  CHECK_OK(rename(name, other));
  CHECK_OK(renameat(dir, "two", AT_FDCWD, name));
  CHECK_OK(renameat2(dir, "one", dir, "two", RENAME_NOREPLACE));
  CHECK_OK(link(other, name));
  CHECK_OK(linkat(dir, "two", dir, "three", 0));
  CHECK_OK(stat(name, &st));
  CHECK_EQ((long)st.st_nlink, 3);
  CHECK_EQ(st.st_mode & 0777, 0640);
  CHECK_OK(unlinkat(dir, "three", 0));
  CHECK_OK(unlink(other));
  CHECK_OK(symlink("one", other));
  CHECK_OK(symlinkat("one", dir, "three"));
  CHECK_OK(lstat(other, &st));
  CHECK(S_ISLNK(st.st_mode));
  CHECK_OK(unlink(other));
  CHECK_OK(unlinkat(dir, "three", 0));
  copies(name, dir);
  CHECK_ERRNO(rmdir(d), ENOTEMPTY);
  CHECK_OK(unlink(name));
  if ((long)arg == 0) CHECK_OK(syncfs(dir));
  close(dir);
  CHECK_OK(rmdir(d));
  CHECK_ERRNO(stat(d, &st), ENOENT);
  return arg;
}

int main(void) {
  umask(0);
  pthread_t t[8];
  for (long i = 0; i < 8; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 8; i++) JOIN(t[i]);
  return 0;
}
