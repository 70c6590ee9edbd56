// covers: pthread_getattr_np pthread_attr_getstack
// Main's own bounds contain its locals before and after threads exist, and seen from another
// thread.
#include "../help.h"

static char* main_local;
static pthread_t main_thread;

static void look(void) {
  pthread_attr_t attr;
  void* addr;
  size_t size;
  CHECK_OK(pthread_getattr_np(main_thread, &attr));
  CHECK_OK(pthread_attr_getstack(&attr, &addr, &size));
  pthread_attr_destroy(&attr);
  CHECK(main_local >= (char*)addr && main_local < (char*)addr + size);
}

static void* body(void* arg) {
  look();
  return arg;
}

int main(void) {
  char local;
  main_local = &local;
  main_thread = pthread_self();
  look();
  JOIN(THREAD(body, NULL));
  look();
  return 0;
}
