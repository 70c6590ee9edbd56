// covers: pthread_create
// __thread variables start from their image in every thread, are apart, and stay right across
// blocking.
#include "../help.h"

static __thread int set = 42;
static __thread long zero;
static __thread char* self_pointer;
static char* addresses[32];
static pthread_barrier_t all;

static void* body(void* arg) {
  intptr_t i = (intptr_t)arg;
  CHECK_EQ(set, 42);
  CHECK_EQ(zero, 0);
  CHECK(self_pointer == NULL);
  self_pointer = (char*)&set;
  addresses[i] = (char*)&set;
  pthread_barrier_wait(&all);
  for (int k = 0; k < 32; k++) CHECK(k == i || addresses[k] != (char*)&set);
  for (int k = 0; k < 20; k++) {
    set = (int)(i * 100 + k);
    zero -= i;
    if (k % 4 == 0)
      sleep_ms(1);
    else
      sched_yield();
    CHECK_EQ(set, i * 100 + k);
    CHECK_EQ(zero, -i * (k + 1));
    CHECK(self_pointer == (char*)&set);
  }
  return NULL;
}

int main(void) {
  pthread_t t[32];
  set = 1;
  pthread_barrier_init(&all, NULL, 32);
  for (intptr_t i = 0; i < 32; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 32; i++) JOIN(t[i]);
  CHECK_EQ(set, 1);
  return 0;
}
