// covers: sigaltstack sigaction pthread_kill
// An SA_ONSTACK handler for a signal sent by another thread runs on its thread's own alternate stack.
#include "../help.h"

#include <signal.h>

enum { kSize = 65536 };
static __thread char* alternate;
static int hits, stop;

static void handler(int sig) {
  char local;
  (void)sig;
  CHECK((&local >= alternate && &local < alternate + kSize) == (alternate != NULL));
  stack_t now;
  CHECK_OK(sigaltstack(NULL, &now));
  CHECK_EQ(now.ss_flags & SS_ONSTACK, alternate ? SS_ONSTACK : 0);
  sleep_ms(1);
  __atomic_add_fetch(&hits, 1, __ATOMIC_SEQ_CST);
}

static void* body(void* arg) {
  stack_t ss = {0}, now;
  if (arg) {
    alternate = malloc(kSize);
    ss.ss_sp = alternate;
    ss.ss_size = kSize;
    CHECK_OK(sigaltstack(&ss, NULL));
  }
  while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) {
    sleep_ms(1);
    CHECK_OK(sigaltstack(NULL, &now));
    CHECK(arg ? now.ss_sp == alternate && now.ss_flags == 0 : now.ss_flags == SS_DISABLE);
  }
  return NULL;
}

int main(void) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = handler;
  sa.sa_flags = SA_ONSTACK | SA_RESTART;
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
  pthread_t t[6];
  for (intptr_t i = 0; i < 6; i++) t[i] = THREAD(body, (void*)(i % 2));
  sleep_ms(3);
  for (int k = 1; k <= 5; k++) {
    for (int i = 0; i < 6; i++) CHECK_OK(pthread_kill(t[i], SIGUSR1));
    while (__atomic_load_n(&hits, __ATOMIC_SEQ_CST) < 6 * k) sleep_ms(1);
  }
  __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
  for (int i = 0; i < 6; i++) JOIN(t[i]);
  return 0;
}
