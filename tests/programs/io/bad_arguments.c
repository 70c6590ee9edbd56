// covers: read write recv send pipe poll
// Zero lengths, bad descriptors and bad addresses give the kernel's answers to threads.
#include "../help.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>

static void* body(void* arg) {
  int sv[2], p[2];
  char c;
  char* bad = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(bad != MAP_FAILED);
  CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
  CHECK_OK(pipe(p));
  CHECK_EQ(read(p[0], &c, 0), 0);
  CHECK_EQ(write(p[1], &c, 0), 0);
  CHECK_EQ(write(sv[0], &c, 0), 0);
  CHECK_EQ(send(sv[0], &c, 0, 0), 0);
  CHECK_ERRNO(read(-1, &c, 1), EBADF);
  CHECK_ERRNO(write(-1, &c, 1), EBADF);
  CHECK_ERRNO(recv(-1, &c, 1, 0), EBADF);
  CHECK_ERRNO(send(987654, &c, 1, 0), EBADF);
  CHECK_ERRNO(read(p[1], &c, 1), EBADF);
  CHECK_ERRNO(write(p[0], &c, 1), EBADF);
  CHECK_ERRNO(recv(p[0], &c, 1, 0), ENOTSOCK);
  CHECK_ERRNO(send(p[1], &c, 1, 0), ENOTSOCK);
  CHECK_ERRNO(accept(p[0], NULL, NULL), ENOTSOCK);
  CHECK_ERRNO(accept(sv[0], NULL, NULL), EINVAL);
  CHECK_ERRNO(write(p[1], bad, 1), EFAULT);
  write_all(p[1], "x", 1);
  CHECK_ERRNO(read(p[0], bad, 1), EFAULT);
  CHECK_EQ(read(p[0], &c, 1), 1);
  write_all(sv[1], "x", 1);
  CHECK_ERRNO(recv(sv[0], bad, 1, 0), EFAULT);
  CHECK_ERRNO(poll((struct pollfd*)bad, 1, 0), EFAULT);
  int fresh = socket(AF_INET, SOCK_STREAM, 0);
  CHECK_ERRNO(recv(fresh, &c, 1, 0), ENOTCONN);
  CHECK_ERRNO(send(fresh, &c, 1, MSG_NOSIGNAL), EPIPE);
  CHECK_ERRNO(accept(fresh, NULL, NULL), EINVAL);
  int directory = open("/", O_RDONLY);
  CHECK_ERRNO(read(directory, &c, 1), EISDIR);
  close(directory), close(fresh), close(sv[0]), close(sv[1]), close(p[0]), close(p[1]);
  munmap(bad, 4096);
  return arg;
}

int main(void) {
  body(NULL);
  pthread_t t[10];
  for (int i = 0; i < 10; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 10; i++) JOIN(t[i]);
  return 0;
}
