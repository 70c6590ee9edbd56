// A name server that takes its time for each answer: every name has the address 127.0.0.9, and no other record.
#ifndef TESTS_PROGRAMS_STDIO_SLOW_NAMES_H
#define TESTS_PROGRAMS_STDIO_SLOW_NAMES_H

#include "../help.h"

enum { kSlowNamesQueue = 256, kSlowNamesAddress = 0x7f000009 };

struct SlowQuestion {
  struct sockaddr_in from;
  socklen_t from_len;
  unsigned char text[512];
  ssize_t size;
  long long due;
};

// A socket for it, and its port.
static int slow_names_open(int* port) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in addr = loopback(0);
  socklen_t len = sizeof addr;
  CHECK_OK(bind(fd, (struct sockaddr*)&addr, len));
  CHECK_OK(getsockname(fd, (struct sockaddr*)&addr, &len));
  *port = ntohs(addr.sin_port);
  return fd;
}

static void slow_names_answer(int fd, const struct SlowQuestion* q) {
  static const unsigned char record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 127, 0, 0, 9};
  unsigned char out[600];
  memcpy(out, q->text, (size_t)q->size);
  size_t at = 12;
  while (out[at] != 0) at += out[at] + 1u;
  int is_a = out[at + 2] == 1;
  at += 5;  // the question alone, without what follows it (EDNS)
  out[2] = 0x84;
  out[3] = 0;
  memset(out + 6, 0, 6);
  out[7] = (unsigned char)is_a;
  if (is_a) memcpy(out + at, record, sizeof record);
  sendto(fd, out, at + (is_a ? sizeof record : 0), 0, (const struct sockaddr*)&q->from,
         q->from_len);
}

// Answers so many questions, each delay_ms after it came; fewer than kSlowNamesQueue wait at once.
static void slow_names_serve(int fd, int delay_ms, int questions) {
  static struct SlowQuestion queue[kSlowNamesQueue];
  int first = 0, last = 0;
  while (first < questions) {
    struct SlowQuestion* q = &queue[last % kSlowNamesQueue];
    q->from_len = sizeof q->from;
    q->size = recvfrom(fd, q->text, sizeof q->text, MSG_DONTWAIT, (struct sockaddr*)&q->from,
                       &q->from_len);
    if (q->size > 0) {
      q->due = now_ms() + delay_ms;
      last++;
    } else if (first < last && queue[first % kSlowNamesQueue].due <= now_ms()) {
      slow_names_answer(fd, &queue[first++ % kSlowNamesQueue]);
    } else {
      sleep_ms(1);
    }
  }
}

#endif
