// link: -lgoshim
// Signal wakes the one that has waited longest, broadcast all.
#include "api.h"

static goshim_mutex m;
static goshim_cond c;
static goshim_wait_group wg;
static int waiting, turn, order[10], all;

static void work(void* arg) {
  goshim_mutex_lock(&m);
  waiting++;
  goshim_cond_wait(&c, &m);
  order[turn++] = (int)(intptr_t)arg;
  goshim_mutex_unlock(&m);
  goshim_wg_done(&wg);
}

static void work_all(void* arg) {
  (void)arg;
  goshim_mutex_lock(&m);
  waiting++;
  while (!all) goshim_cond_wait(&c, &m);
  goshim_mutex_unlock(&m);
  goshim_wg_done(&wg);
}

static void until_waiting(int n) {
  for (;;) {
    goshim_mutex_lock(&m);
    int w = waiting;
    goshim_mutex_unlock(&m);
    if (w == n) return;
    goshim_yield();
  }
}

int main(void) {
  goshim_cond_signal(&c);
  goshim_wg_add(&wg, 10);
  for (intptr_t i = 0; i < 10; i++) {
    go(work, (void*)i);
    until_waiting((int)i + 1);
  }
  for (int i = 0; i < 10; i++) {
    goshim_mutex_lock(&m);
    CHECK_EQ(turn, i);
    goshim_cond_signal(&c);
    goshim_mutex_unlock(&m);
    for (;;) {
      goshim_mutex_lock(&m);
      int t = turn;
      goshim_mutex_unlock(&m);
      if (t == i + 1) break;
      goshim_yield();
    }
    CHECK_EQ(order[i], i);
  }
  goshim_wg_wait(&wg);
  waiting = 0;
  goshim_wg_add(&wg, 20);
  for (int i = 0; i < 20; i++) go(work_all, NULL);
  until_waiting(20);
  goshim_mutex_lock(&m);
  all = 1;
  goshim_cond_broadcast(&c);
  goshim_mutex_unlock(&m);
  goshim_wg_wait(&wg);
  return 0;
}
