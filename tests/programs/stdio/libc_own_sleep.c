// covers: sleep usleep clock_nanosleep
// link: -ldl
// libc's own functions, reached past any symbol: 100 threads sleep in them at once. With `hold`,
// for a second, after saying so.
#include "../help.h"

#include <dlfcn.h>

static int (*own_usleep)(useconds_t);
static unsigned (*own_sleep)(unsigned);
static useconds_t how_long = 50000;

static void* sleeps(void* arg) {
  long long start = now_ms();
  CHECK_EQ(own_usleep(how_long), 0);
  CHECK(now_ms() - start >= (long long)how_long / 1000);
  CHECK_EQ(own_sleep(0), 0);
  return arg;
}

int main(int argc, char** argv) {
  int hold = argc > 1 && strcmp(argv[1], "hold") == 0;
  if (hold) how_long = 3000000;
  void* libc = dlopen("libc.so.6", RTLD_LAZY);
  CHECK(libc);
  *(void**)&own_usleep = dlsym(libc, "usleep");
  *(void**)&own_sleep = dlsym(libc, "sleep");
  CHECK(own_usleep && own_sleep);
  pthread_t t[100];
  for (int i = 0; i < 100; i++) t[i] = THREAD(sleeps, NULL);
  if (hold) {
    sleep_ms(300);
    printf("blocked\n");
    fflush(stdout);
  }
  for (int i = 0; i < 100; i++) JOIN(t[i]);
  return 0;
}
