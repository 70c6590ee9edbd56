// covers: shutdown accept
// shutdown of a listener wakes the threads that wait in accept on it, with EINVAL as in Linux.
#include "../help.h"

static int listener;

static void* accepts(void* arg) {
  CHECK_ERRNO(accept(listener, NULL, NULL), EINVAL);
  return arg;
}

int main(void) {
  int port;
  pthread_t t[5];
  listener = tcp_listen(&port, 5);
  for (int i = 0; i < 5; i++) t[i] = THREAD(accepts, NULL);
  sleep_ms(10);
  CHECK_OK(shutdown(listener, SHUT_RDWR));
  for (int i = 0; i < 5; i++) JOIN(t[i]);
  close(listener);
  return 0;
}
