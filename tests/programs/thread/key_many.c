// covers: pthread_key_create pthread_setspecific pthread_getspecific
// All PTHREAD_KEYS_MAX keys can be used by each thread; one more gives EAGAIN; a new life of a key
// starts null.
#include "../help.h"

#include <limits.h>

static pthread_key_t keys[PTHREAD_KEYS_MAX];
static int n, destroyed;

static void destroy(void* v) {
  (void)v;
  __atomic_fetch_add(&destroyed, 1, __ATOMIC_SEQ_CST);
}

static void* body(void* arg) {
  intptr_t base = (intptr_t)arg * 10000;
  for (int i = 0; i < n; i++) CHECK(pthread_getspecific(keys[i]) == NULL);
  for (int i = 0; i < n; i++) CHECK_OK(pthread_setspecific(keys[i], (void*)(base + i)));
  sleep_ms(2);
  for (int i = 0; i < n; i++) CHECK(pthread_getspecific(keys[i]) == (void*)(base + i));
  return NULL;
}

int main(void) {
  int error = 0;
  while (n < PTHREAD_KEYS_MAX && (error = pthread_key_create(&keys[n], destroy)) == 0) n++;
  CHECK(n > PTHREAD_KEYS_MAX - 50);
  pthread_key_t extra;
  if (error == 0) error = pthread_key_create(&extra, NULL);
  CHECK_EQ(error, EAGAIN);
  pthread_t t[8];
  for (intptr_t i = 0; i < 8; i++) t[i] = THREAD(body, (void*)(i + 1));
  for (int i = 0; i < 8; i++) JOIN(t[i]);
  CHECK_EQ(destroyed, 8 * n);
  CHECK_OK(pthread_setspecific(keys[70], &n));
  CHECK_OK(pthread_key_delete(keys[70]));
  CHECK_OK(pthread_key_create(&extra, NULL));
  CHECK_EQ(extra, keys[70]);
  CHECK(pthread_getspecific(extra) == NULL);
  return 0;
}
