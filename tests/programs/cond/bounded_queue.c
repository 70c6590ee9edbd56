// covers: pthread_cond_wait pthread_cond_signal pthread_cond_broadcast
// 25 producers and 25 consumers over a queue of 8: every item arrives once, none is lost.
#include "../help.h"

enum { kSide = 25, kItems = 200, kSlots = 8 };
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER, not_empty = PTHREAD_COND_INITIALIZER;
static int queue[kSlots], head, count, produced;
static char seen[kSide * kItems];

static void* produce(void* arg) {
  for (int i = 0; i < kItems; i++) {
    pthread_mutex_lock(&m);
    while (count == kSlots) pthread_cond_wait(&not_full, &m);
    queue[(head + count++) % kSlots] = (int)(intptr_t)arg * kItems + i;
    produced++;
    pthread_cond_signal(&not_empty);
    if (produced == kSide * kItems) pthread_cond_broadcast(&not_empty);
    pthread_mutex_unlock(&m);
  }
  return NULL;
}

static void* consume(void* arg) {
  for (;;) {
    pthread_mutex_lock(&m);
    while (count == 0 && produced < kSide * kItems) pthread_cond_wait(&not_empty, &m);
    if (count == 0) break;
    int item = queue[head];
    head = (head + 1) % kSlots;
    count--;
    CHECK_EQ(seen[item], 0);
    seen[item] = 1;
    pthread_cond_signal(&not_full);
    pthread_mutex_unlock(&m);
  }
  pthread_mutex_unlock(&m);
  return arg;
}

int main(void) {
  pthread_t t[2 * kSide];
  for (intptr_t i = 0; i < 2 * kSide; i++) t[i] = THREAD(i % 2 ? produce : consume, (void*)(i / 2));
  for (int i = 0; i < 2 * kSide; i++) JOIN(t[i]);
  for (int i = 0; i < kSide * kItems; i++) CHECK_EQ(seen[i], 1);
  return 0;
}
