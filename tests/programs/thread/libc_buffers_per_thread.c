// covers: strerror inet_ntoa dlerror
// link: -ldl
// The buffers in which strerror, inet_ntoa and dlerror answer belong to the thread.
#include "../help.h"

#include <dlfcn.h>

static void* body(void* arg) {
  int i = (int)(intptr_t)arg;
  char want_error[64], want_addr[64], lib[64];
  snprintf(want_error, sizeof want_error, "Unknown error %d", 5000 + i);
  snprintf(want_addr, sizeof want_addr, "10.1.2.%d", i);
  snprintf(lib, sizeof lib, "libdoes-not-exist-%d.so", i);
  struct in_addr in = {htonl(0x0a010200u + (unsigned)i)};
  char* error = strerror(5000 + i);
  char* addr = inet_ntoa(in);
  CHECK(dlopen(lib, RTLD_NOW) == NULL);
  for (int k = 0; k < 5; k++) {
    sleep_ms(1);
    CHECK_STR(error, want_error);
    CHECK_STR(addr, want_addr);
  }
  char* said = dlerror();
  CHECK(said && strstr(said, lib));
  CHECK(dlerror() == NULL);
  return NULL;
}

int main(void) {
  pthread_t t[30];
  for (intptr_t i = 0; i < 30; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 30; i++) JOIN(t[i]);
  CHECK(dlerror() == NULL);
  return 0;
}
