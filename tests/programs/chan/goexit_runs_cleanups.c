// link: -lgoshim
// Goexit runs cleanup handlers and key destructors, and only its own goroutine ends.
#include "api.h"

static goshim_chan* out;
static pthread_key_t key;

static void tell(void* arg) {
  int v = (int)(intptr_t)arg;
  goshim_send(out, &v);
}

__attribute__((noinline)) static void leave(void) { goshim_goexit(); }

static void work(void* arg) {
  (void)arg;
  CHECK_OK(pthread_setspecific(key, (void*)3));
  pthread_cleanup_push(tell, (void*)2);
  pthread_cleanup_push(tell, (void*)1);
  leave();
  pthread_cleanup_pop(0);
  pthread_cleanup_pop(0);
}

int main(void) {
  out = make(sizeof(int), 0);
  CHECK_OK(pthread_key_create(&key, tell));
  go(work, NULL);
  for (int i = 1; i <= 3; i++) {
    int v;
    goshim_recv(out, &v);
    CHECK_EQ(v, i);
  }
  return 0;
}
