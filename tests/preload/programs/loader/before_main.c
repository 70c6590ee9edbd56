// link: -l:lib_worker.so
// A library that the program is linked with has started threads before main() and ends them after it.
#include "../../../programs/help.h"

int worker_is_up(void);

static int in_constructor;
static pthread_t early;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void* body(void* arg) {
  pthread_mutex_lock(&lock);
  pthread_mutex_unlock(&lock);
  return arg;
}

__attribute__((constructor)) static void starts(void) {
  CHECK_EQ(worker_is_up(), 4);
  pthread_mutex_lock(&lock);
  early = THREAD(body, &in_constructor);
  in_constructor = 1;
}

int main(void) {
  CHECK_EQ(in_constructor, 1);
  sleep_ms(2);
  pthread_mutex_unlock(&lock);
  CHECK(JOIN(early) == &in_constructor);
  CHECK_EQ(worker_is_up(), 4);
  return 0;
}
