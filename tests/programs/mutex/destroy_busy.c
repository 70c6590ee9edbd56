// covers: pthread_mutex_destroy pthread_mutex_init
// Destroying a locked mutex is EBUSY and harms nothing; a free one can be destroyed and made again.
#include "../help.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void* body(void* arg) {
  CHECK_RET(pthread_mutex_destroy(&m), EBUSY);
  return arg;
}

int main(void) {
  CHECK_OK(pthread_mutex_lock(&m));
  CHECK_RET(pthread_mutex_destroy(&m), EBUSY);
  JOIN(THREAD(body, NULL));
  CHECK_RET(pthread_mutex_trylock(&m), EBUSY);
  CHECK_OK(pthread_mutex_unlock(&m));
  for (int i = 0; i < 5; i++) {
    CHECK_OK(pthread_mutex_destroy(&m));
    CHECK_OK(pthread_mutex_init(&m, NULL));
    CHECK_OK(pthread_mutex_lock(&m));
    CHECK_OK(pthread_mutex_unlock(&m));
  }
  return 0;
}
