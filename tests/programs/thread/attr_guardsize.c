// covers: pthread_attr_setguardsize pthread_attr_getguardsize pthread_getattr_np
// Guard sizes are kept as given; threads with none, one, and many guard pages run.
#include "../help.h"

static void* body(void* arg) {
  pthread_attr_t attr;
  size_t guard;
  CHECK_OK(pthread_getattr_np(pthread_self(), &attr));
  CHECK_OK(pthread_attr_getguardsize(&attr, &guard));
  pthread_attr_destroy(&attr);
  CHECK_EQ(guard, (size_t)arg);
  char block[50000];
  memset(block, 1, sizeof block);
  sleep_ms(1);
  return (void*)(intptr_t)block[77];
}

int main(void) {
  size_t guards[] = {0, 4096, 65536};
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, 1 << 20);
  for (int i = 0; i < 6; i++) {
    size_t guard;
    CHECK_OK(pthread_attr_setguardsize(&attr, guards[i % 3]));
    CHECK_OK(pthread_attr_getguardsize(&attr, &guard));
    CHECK_EQ(guard, guards[i % 3]);
    pthread_t t;
    CHECK_OK(pthread_create(&t, &attr, body, (void*)guards[i % 3]));
    CHECK_EQ((intptr_t)JOIN(t), 1);
  }
  return 0;
}
