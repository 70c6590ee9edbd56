// covers: pthread_key_create pthread_key_delete pthread_getspecific pthread_setspecific
// Key values belong to threads, start null, survive blocking, and a deleted key is refused.
#include "../help.h"

static pthread_key_t a, b;

static void* body(void* arg) {
  CHECK(pthread_getspecific(a) == NULL);
  CHECK(pthread_getspecific(b) == NULL);
  CHECK_OK(pthread_setspecific(a, arg));
  sleep_ms(3);
  CHECK(pthread_getspecific(a) == arg);
  CHECK(pthread_getspecific(b) == NULL);
  return NULL;
}

int main(void) {
  CHECK_OK(pthread_key_create(&a, NULL));
  CHECK_OK(pthread_key_create(&b, NULL));
  CHECK(a != b);
  CHECK_OK(pthread_setspecific(a, &a));
  CHECK_OK(pthread_setspecific(b, &b));
  pthread_t t[20];
  for (intptr_t i = 0; i < 20; i++) t[i] = THREAD(body, (void*)(i + 1));
  for (int i = 0; i < 20; i++) JOIN(t[i]);
  CHECK(pthread_getspecific(a) == &a);
  CHECK(pthread_getspecific(b) == &b);
  CHECK_OK(pthread_key_delete(a));
  CHECK_RET(pthread_key_delete(a), EINVAL);
  CHECK_RET(pthread_setspecific(a, &a), EINVAL);
  CHECK(pthread_getspecific(b) == &b);
  return 0;
}
