// covers: pthread_cond_signal pthread_cond_wait
// Each signal under the mutex lets one more waiter take one token; all tokens are taken, none
// twice.
#include "../help.h"

enum { kThreads = 40 };
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int tokens, taken;

static void* body(void* arg) {
  CHECK_OK(pthread_mutex_lock(&m));
  while (tokens == 0) CHECK_OK(pthread_cond_wait(&c, &m));
  tokens--;
  taken++;
  CHECK_OK(pthread_mutex_unlock(&m));
  return arg;
}

int main(void) {
  pthread_t t[kThreads];
  for (int i = 0; i < kThreads; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < kThreads; i++) {
    CHECK_OK(pthread_mutex_lock(&m));
    tokens++;
    CHECK_OK(pthread_cond_signal(&c));
    CHECK_OK(pthread_mutex_unlock(&m));
    if (i % 10 == 0) sleep_ms(1);
  }
  for (int i = 0; i < kThreads; i++) JOIN(t[i]);
  CHECK_EQ(taken, kThreads);
  CHECK_EQ(tokens, 0);
  return 0;
}
