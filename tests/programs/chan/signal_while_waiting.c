// link: -lgoshim
// A signal handler runs while its thread waits in a channel operation or a select, which then goes on.
#include "api.h"

#include <signal.h>

static volatile sig_atomic_t handled;
static goshim_chan *c, *out;

static void handler(int sig) {
  (void)sig;
  handled++;
}

static void* receive(void* arg) {
  (void)arg;
  for (int i = 0; i < 5; i++) {
    int v = -1;
    if (i % 2 == 0) {
      CHECK_EQ(goshim_recv(c, &v), GOSHIM_OK);
    } else {
      goshim_case k[2] = {goshim_case_recv(NULL, NULL), goshim_case_recv(c, &v)};
      CHECK_EQ(goshim_select(k, 2), 1);
    }
    goshim_send(out, &v);
  }
  return NULL;
}

int main(void) {
  struct sigaction sa = {.sa_handler = handler};
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
  c = make(sizeof(int), 0);
  out = make(sizeof(int), 0);
  pthread_t t = THREAD(receive, NULL);
  for (int i = 0; i < 5; i++) {
    let_them_wait();
    CHECK_OK(pthread_kill(t, SIGUSR1));
    for (int j = 0; handled <= i; j++) {
      CHECK(j < 5000);
      goshim_sleep(MS);
    }
    int v;
    goshim_send(c, &i);
    goshim_recv(out, &v);
    CHECK_EQ(v, i);
  }
  JOIN(t);
  return 0;
}
