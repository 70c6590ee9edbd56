// covers: sigaltstack sigaction
// A thread that runs out of its stack gets SIGSEGV, which a handler on its alternate stack
// survives.
#include "../help.h"

#include <setjmp.h>
#include <signal.h>

static __thread sigjmp_buf env;
static __thread char* alternate;

static void handler(int sig) {
  char local;
  CHECK_EQ(sig, SIGSEGV);
  CHECK(&local >= alternate && &local < alternate + 65536);
  siglongjmp(env, 1);
}

static __attribute__((noinline)) int overflow(volatile char* above) {
  volatile char block[2000];
  block[0] = above ? *above : 1;
  if (block[0] == 77) return 0; /* never */
  return overflow(block) + block[0];
}

static void* body(void* arg) {
  alternate = malloc(65536);
  stack_t ss = {.ss_sp = alternate, .ss_size = 65536};
  CHECK_OK(sigaltstack(&ss, NULL));
  for (int i = 0; i < 3; i++) {
    if (sigsetjmp(env, 1) == 0) {
      CHECK(overflow(NULL) == 12345);
      CHECK(0);
    }
    sleep_ms(1);
  }
  ss.ss_flags = SS_DISABLE;
  CHECK_OK(sigaltstack(&ss, NULL));
  free(alternate);
  return arg;
}

int main(void) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = handler;
  sa.sa_flags = SA_ONSTACK;
  CHECK_OK(sigaction(SIGSEGV, &sa, NULL));
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, 256 << 10);
  pthread_t t[4];
  for (int i = 0; i < 4; i++) CHECK_OK(pthread_create(&t[i], &attr, body, NULL));
  for (int i = 0; i < 4; i++) JOIN(t[i]);
  return 0;
}
