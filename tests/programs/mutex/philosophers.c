// covers: pthread_mutex_lock pthread_mutex_trylock
// Dining philosophers who put the first fork back when the second is taken: all eat their meals.
#include "../help.h"

enum { kSeats = 12, kMeals = 30 };
static pthread_mutex_t forks[kSeats];
static int users[kSeats];

static void* body(void* arg) {
  intptr_t i = (intptr_t)arg;
  intptr_t left = i, right = (i + 1) % kSeats;
  for (int meals = 0; meals < kMeals;) {
    CHECK_OK(pthread_mutex_lock(&forks[left]));
    if (pthread_mutex_trylock(&forks[right]) == 0) {
      CHECK_EQ(users[left]++, 0);
      CHECK_EQ(users[right]++, 0);
      sched_yield();
      users[left]--;
      users[right]--;
      meals++;
      CHECK_OK(pthread_mutex_unlock(&forks[right]));
    }
    CHECK_OK(pthread_mutex_unlock(&forks[left]));
    if (meals % 10 == 0) sleep_ms(1);
  }
  return NULL;
}

int main(void) {
  pthread_t t[kSeats];
  for (int i = 0; i < kSeats; i++) CHECK_OK(pthread_mutex_init(&forks[i], NULL));
  for (intptr_t i = 0; i < kSeats; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < kSeats; i++) JOIN(t[i]);
  return 0;
}
