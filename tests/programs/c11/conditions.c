// covers: cnd_init cnd_wait cnd_timedwait cnd_signal cnd_broadcast cnd_destroy
// C11 conditions pass a token round, time out never early, and broadcast to all.
#include "../help.h"

#include <threads.h>

enum { kThreads = 8 };
static mtx_t m;
static cnd_t turn_changed, finish;
static int turn, finished, waiting;

static int body(void* arg) {
  int me = *(int*)arg;
  CHECK_EQ(mtx_lock(&m), thrd_success);
  for (int i = 0; i < 30; i++) {
    while (turn % kThreads != me) CHECK_EQ(cnd_wait(&turn_changed, &m), thrd_success);
    CHECK_EQ(turn, i * kThreads + me);
    turn++;
    CHECK_EQ(cnd_broadcast(&turn_changed), thrd_success);
  }
  waiting++;
  CHECK_EQ(cnd_signal(&finish), thrd_success);
  while (!finished) cnd_wait(&turn_changed, &m);
  CHECK_EQ(mtx_unlock(&m), thrd_success);
  return 0;
}

int main(void) {
  thrd_t t[kThreads];
  int ids[kThreads];
  mtx_init(&m, mtx_plain);
  CHECK_EQ(cnd_init(&turn_changed), thrd_success);
  CHECK_EQ(cnd_init(&finish), thrd_success);
  mtx_lock(&m);
  struct timespec at = deadline_ms(CLOCK_REALTIME, 15);
  int r;
  while ((r = cnd_timedwait(&finish, &m, &at)) == thrd_success) {
  }
  CHECK_EQ(r, thrd_timedout);
  CHECK(past(CLOCK_REALTIME, at));
  for (int i = 0; i < kThreads; i++) {
    ids[i] = i;
    CHECK_EQ(thrd_create(&t[i], body, &ids[i]), thrd_success);
  }
  while (waiting < kThreads) cnd_wait(&finish, &m);
  finished = 1;
  cnd_broadcast(&turn_changed);
  mtx_unlock(&m);
  for (int i = 0; i < kThreads; i++) CHECK_EQ(thrd_join(t[i], NULL), thrd_success);
  CHECK_EQ(turn, kThreads * 30);
  cnd_destroy(&turn_changed);
  cnd_destroy(&finish);
  return 0;
}
