// covers: mtx_init mtx_lock mtx_trylock mtx_timedlock mtx_unlock mtx_destroy
// C11 mutexes: plain, recursive and timed; thrd_busy and thrd_timedout where they belong.
#include "../help.h"

#include <threads.h>

static mtx_t plain, recursive, timed;
static int count;

static int body(void* arg) {
  (void)arg;
  for (int i = 0; i < 200; i++) {
    CHECK_EQ(mtx_lock(&plain), thrd_success);
    CHECK_EQ(mtx_lock(&recursive), thrd_success);
    CHECK_EQ(mtx_trylock(&recursive), thrd_success);
    CHECK_EQ(mtx_trylock(&plain), thrd_busy);
    int seen = count;
    if (i % 50 == 0) thrd_yield();
    count = seen + 1;
    CHECK_EQ(mtx_unlock(&recursive), thrd_success);
    CHECK_EQ(mtx_unlock(&recursive), thrd_success);
    CHECK_EQ(mtx_unlock(&plain), thrd_success);
  }
  struct timespec at = deadline_ms(CLOCK_REALTIME, 15);
  CHECK_EQ(mtx_timedlock(&timed, &at), thrd_timedout);
  CHECK(past(CLOCK_REALTIME, at));
  return 0;
}

int main(void) {
  thrd_t t[10];
  CHECK_EQ(mtx_init(&plain, mtx_plain), thrd_success);
  CHECK_EQ(mtx_init(&recursive, mtx_plain | mtx_recursive), thrd_success);
  CHECK_EQ(mtx_init(&timed, mtx_timed), thrd_success);
  CHECK_EQ(mtx_lock(&timed), thrd_success);
  for (int i = 0; i < 10; i++) CHECK_EQ(thrd_create(&t[i], body, NULL), thrd_success);
  for (int i = 0; i < 10; i++) CHECK_EQ(thrd_join(t[i], NULL), thrd_success);
  CHECK_EQ(count, 2000);
  CHECK_EQ(mtx_unlock(&timed), thrd_success);
  mtx_destroy(&plain);
  mtx_destroy(&recursive);
  mtx_destroy(&timed);
  return 0;
}
