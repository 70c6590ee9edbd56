// covers: send recv write read
// 32 MB go both ways over one TCP connection at once, by a reader and a writer thread per side,
// unchanged.
#include "../help.h"

enum { kTotal = 32 << 20, kBlock = 128 << 10 };
static int sv[2];

static unsigned char value_at(unsigned side, unsigned position) {
  return (unsigned char)((position >> 10) * 31 + position + side * 7);
}

static void* writes(void* arg) {
  unsigned side = (unsigned)(intptr_t)arg;
  unsigned char* block = malloc(kBlock);
  for (unsigned at = 0; at < kTotal; at += kBlock) {
    for (unsigned i = 0; i < kBlock; i += 64) block[i] = value_at(side, at + i);
    write_all(sv[side], block, kBlock);
  }
  CHECK_OK(shutdown(sv[side], SHUT_WR));
  free(block);
  return NULL;
}

static void* reads(void* arg) {
  unsigned side = (unsigned)(intptr_t)arg, at = 0;
  unsigned char* block = malloc(kBlock);
  ssize_t n;
  while ((n = recv(sv[side], block, kBlock - at % 977, 0)) > 0)
    for (ssize_t i = 0; i < n; i++, at++)
      if (at % 64 == 0) CHECK_EQ(block[i], value_at(1 - side, at));
  CHECK_EQ(n, 0);
  CHECK_EQ(at, kTotal);
  free(block);
  return NULL;
}

int main(void) {
  pthread_t t[4];
  tcp_pair(sv);
  for (intptr_t i = 0; i < 4; i++) t[i] = THREAD(i % 2 ? reads : writes, (void*)(i / 2));
  for (int i = 0; i < 4; i++) JOIN(t[i]);
  return 0;
}
