// covers: pthread_setname_np pthread_getname_np
// Names belong to threads, are inherited at creation, are at most 15 bytes long, and can be set for
// others.
#include "../help.h"

#include <semaphore.h>

static sem_t go, ready;

static void* body(void* arg) {
  char name[16], want[16];
  CHECK_OK(pthread_getname_np(pthread_self(), name, sizeof name));
  CHECK_STR(name, "parent");
  snprintf(want, sizeof want, "worker-%d", (int)(intptr_t)arg);
  CHECK_OK(pthread_setname_np(pthread_self(), want));
  sem_post(&ready);
  sem_wait(&go);
  CHECK_OK(pthread_getname_np(pthread_self(), name, sizeof name));
  CHECK_STR(name, arg == (void*)3L ? "renamed" : want);
  return NULL;
}

int main(void) {
  pthread_t t[8];
  char name[16], want[16];
  sem_init(&go, 0, 0);
  sem_init(&ready, 0, 0);
  CHECK_OK(pthread_setname_np(pthread_self(), "parent"));
  for (intptr_t i = 0; i < 8; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 8; i++) sem_wait(&ready);
  for (int i = 0; i < 8; i++) {
    snprintf(want, sizeof want, "worker-%d", i);
    CHECK_OK(pthread_getname_np(t[i], name, sizeof name));
    CHECK_STR(name, want);
  }
  CHECK_OK(pthread_setname_np(t[3], "renamed"));
  CHECK_RET(pthread_setname_np(t[3], "sixteen-bytes-xx"), ERANGE);
  CHECK_RET(pthread_getname_np(t[3], name, 5), ERANGE);
  CHECK_OK(pthread_getname_np(pthread_self(), name, sizeof name));
  CHECK_STR(name, "parent");
  for (int i = 0; i < 8; i++) sem_post(&go);
  for (int i = 0; i < 8; i++) JOIN(t[i]);
  return 0;
}
