// covers: prctl pthread_getname_np pthread_setname_np
// prctl(PR_SET_NAME / PR_GET_NAME) and the pthread name of a thread are one and the same, also
// after blocking.
#include "../help.h"

#include <sys/prctl.h>

static void* body(void* arg) {
  char want[16], name[16];
  snprintf(want, sizeof want, "n%d", (int)(intptr_t)arg);
  CHECK_OK(prctl(PR_SET_NAME, want));
  for (int i = 0; i < 5; i++) {
    sleep_ms(1);
    CHECK_OK(prctl(PR_GET_NAME, name));
    CHECK_STR(name, want);
    CHECK_OK(pthread_getname_np(pthread_self(), name, sizeof name));
    CHECK_STR(name, want);
  }
  snprintf(want, sizeof want, "p%d", (int)(intptr_t)arg);
  CHECK_OK(pthread_setname_np(pthread_self(), want));
  sleep_ms(1);
  CHECK_OK(prctl(PR_GET_NAME, name));
  CHECK_STR(name, want);
  return NULL;
}

int main(void) {
  pthread_t t[10];
  for (intptr_t i = 0; i < 10; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 10; i++) JOIN(t[i]);
  return 0;
}
