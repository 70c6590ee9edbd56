// covers: sigaction read recv accept waitpid pthread_kill
// Under SA_RESTART handlers run, and read, recv, accept and locks go on waiting until they have
// what they want.
#include "../help.h"

#include <signal.h>

static int p[2], sv[2], listener, port, hits;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void handler(int sig) {
  (void)sig;
  __atomic_add_fetch(&hits, 1, __ATOMIC_SEQ_CST);
}

static void* body(void* arg) {
  char c;
  switch ((intptr_t)arg) {
    case 0:
      CHECK_EQ(read(p[0], &c, 1), 1);
      break;
    case 1:
      CHECK_EQ(recv(sv[0], &c, 1, 0), 1);
      break;
    case 2:
      CHECK(accept(listener, NULL, NULL) >= 0);
      break;
    case 3:
      CHECK_OK(pthread_mutex_lock(&m));
      CHECK_OK(pthread_mutex_unlock(&m));
      break;
  }
  return NULL;
}

int main(void) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = handler;
  sa.sa_flags = SA_RESTART;
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
  CHECK_OK(pipe(p));
  CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
  listener = tcp_listen(&port, 4);
  pthread_mutex_lock(&m);
  pthread_t t[4];
  for (intptr_t i = 0; i < 4; i++) t[i] = THREAD(body, (void*)i);
  for (int k = 1; k <= 5; k++) {
    sleep_ms(2);
    for (int i = 0; i < 4; i++) CHECK_OK(pthread_kill(t[i], SIGUSR1));
    while (__atomic_load_n(&hits, __ATOMIC_SEQ_CST) < 4 * k) sleep_ms(1);
  }
  for (int i = 0; i < 4; i++) CHECK_RET(pthread_tryjoin_np(t[i], NULL), EBUSY);
  write_all(p[1], "x", 1);
  write_all(sv[1], "x", 1);
  tcp_connect(port);
  pthread_mutex_unlock(&m);
  for (int i = 0; i < 4; i++) JOIN(t[i]);
  CHECK_EQ(hits, 20);
  return 0;
}
