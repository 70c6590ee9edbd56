// covers: pthread_exit pthread_cleanup_push pthread_cleanup_pop
// pthread_exit runs the pushed handlers last first, then key destructors; pop(1) runs, pop(0) does
// not.
#include "../help.h"

static __thread char order[16];
static char result[16];
static pthread_key_t key;

static void note(void* what) { strcat(order, (const char*)what); }
static void at_key(void* v) {
  (void)v;
  strcat(order, "k");
  strcpy(result, order);
}

static __attribute__((noinline)) void inner(void) {
  pthread_cleanup_push(note, "c");
  sleep_ms(1);
  pthread_exit((void*)3L);
  pthread_cleanup_pop(0);
}

static void* body(void* arg) {
  pthread_setspecific(key, arg);
  pthread_cleanup_push(note, "a");
  pthread_cleanup_push(note, "x");
  pthread_cleanup_pop(1);
  pthread_cleanup_push(note, "y");
  pthread_cleanup_pop(0);
  pthread_cleanup_push(note, "b");
  inner();
  pthread_cleanup_pop(0);
  pthread_cleanup_pop(0);
  return NULL;
}

int main(void) {
  CHECK_OK(pthread_key_create(&key, at_key));
  for (int i = 0; i < 10; i++) {
    result[0] = 0;
    CHECK_EQ((intptr_t)JOIN(THREAD(body, &key)), 3);
    CHECK_STR(result, "xcbak");
  }
  return 0;
}
