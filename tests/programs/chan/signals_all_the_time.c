// link: -lgoshim
// Under a rain of signals no element is lost or doubled.
#include "api.h"

#include <signal.h>

static goshim_chan* c[2];
static int stop;

static void handler(int sig) { (void)sig; }

static void* rain(void* arg) {
  pthread_t* t = arg;
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
    pthread_kill(t[0], SIGUSR1);
    pthread_kill(t[1], SIGUSR1);
    goshim_sleep(50 * GOSHIM_MICROSECOND);
  }
  return NULL;
}

static void* send(void* arg) {
  (void)arg;
  for (int i = 0; i < 2000; i++) {
    goshim_case k[2] = {goshim_case_send(c[0], &i), goshim_case_send(c[1], &i)};
    goshim_select(k, 2);
  }
  return NULL;
}

static void* receive(void* arg) {
  (void)arg;
  for (int i = 0; i < 2000; i++) {
    int v[2] = {-1, -1};
    goshim_case k[2] = {goshim_case_recv(c[0], &v[0]), goshim_case_recv(c[1], &v[1])};
    int j = goshim_select(k, 2);
    CHECK_EQ(v[j], i);
    CHECK_EQ(v[1 - j], -1);
  }
  return NULL;
}

int main(void) {
  struct sigaction sa = {.sa_handler = handler, .sa_flags = SA_RESTART};
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
  c[0] = make(sizeof(int), 0);
  c[1] = make(sizeof(int), 0);
  pthread_t t[2] = {THREAD(send, NULL), THREAD(receive, NULL)};
  pthread_t r = THREAD(rain, t);
  // The threads must live as long as they are signalled.
  goshim_sleep(20 * MS);
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  JOIN(r);
  JOIN(t[0]);
  JOIN(t[1]);
  return 0;
}
