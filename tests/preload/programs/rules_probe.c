// Says whether its thread is a goroutine, and which options hold.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <goshim/layout.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <unistd.h>

static void* work(void* arg) {
  // The kernel's own ids are below.
  *(int*)arg = gettid() > 4194304;
  return NULL;
}

int main(void) {
  int is_goroutine = 0;
  pthread_t t;
  if (pthread_create(&t, NULL, work, &is_goroutine) != 0) return 1;
  pthread_join(t, NULL);
  const struct goshim_memory_layout* layout = dlsym(RTLD_DEFAULT, "goshim_layout");
  if (getauxval(AT_SECURE)) printf("secure ");
  if (!layout) {
    printf("no library\n");
  } else if (!is_goroutine) {
    printf("plain\n");
  } else {
    printf("procs %d\n", *(const int*)layout->nprocs);
  }
  return 0;
}
