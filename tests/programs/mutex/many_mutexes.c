// covers: pthread_mutex_init pthread_mutex_lock pthread_mutex_destroy
// 20,000 mutexes, a chain of transfers between random pairs by 8 threads: the total stays.
#include "../help.h"

enum { kAccounts = 20000 };
static struct {
  pthread_mutex_t m;
  long money;
} accounts[kAccounts];

static void* body(void* arg) {
  unsigned seed = (unsigned)(intptr_t)arg;
  for (int i = 0; i < 5000; i++) {
    int from = rand_r(&seed) % kAccounts, to = rand_r(&seed) % kAccounts;
    if (i % 10 == 0) from = i % 400 / 10, to = from ^ 1;
    if (from == to) continue;
    int low = from < to ? from : to, high = from < to ? to : from;
    CHECK_OK(pthread_mutex_lock(&accounts[low].m));
    CHECK_OK(pthread_mutex_lock(&accounts[high].m));
    long before = accounts[from].money, more = accounts[to].money + i;
    if (i % 200 < 4) sched_yield();
    accounts[from].money = before - i;
    accounts[to].money = more;
    CHECK_OK(pthread_mutex_unlock(&accounts[low].m));
    CHECK_OK(pthread_mutex_unlock(&accounts[high].m));
  }
  return NULL;
}

int main(void) {
  for (int i = 0; i < kAccounts; i++) CHECK_OK(pthread_mutex_init(&accounts[i].m, NULL));
  pthread_t t[8];
  for (intptr_t i = 0; i < 8; i++) t[i] = THREAD(body, (void*)(i + 1));
  for (int i = 0; i < 8; i++) JOIN(t[i]);
  long sum = 0;
  for (int i = 0; i < kAccounts; i++) {
    sum += accounts[i].money;
    CHECK_OK(pthread_mutex_destroy(&accounts[i].m));
  }
  CHECK_EQ(sum, 0);
  return 0;
}
