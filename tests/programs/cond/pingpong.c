// covers: pthread_cond_wait pthread_cond_signal
// 10 pairs of threads take strict turns 200 times each.
#include "../help.h"

struct pair {
  pthread_mutex_t m;
  pthread_cond_t c;
  int turn;
};
struct side {
  struct pair* pair;
  int me;
};

static void* body(void* arg) {
  struct side* s = arg;
  for (int i = 0; i < 200; i++) {
    pthread_mutex_lock(&s->pair->m);
    while (s->pair->turn % 2 != s->me) pthread_cond_wait(&s->pair->c, &s->pair->m);
    CHECK_EQ(s->pair->turn, 2 * i + s->me);
    s->pair->turn++;
    pthread_cond_signal(&s->pair->c);
    pthread_mutex_unlock(&s->pair->m);
  }
  return NULL;
}

int main(void) {
  struct pair pairs[10];
  struct side sides[20];
  pthread_t t[20];
  for (int i = 0; i < 10; i++) {
    pthread_mutex_init(&pairs[i].m, NULL);
    pthread_cond_init(&pairs[i].c, NULL);
    pairs[i].turn = 0;
  }
  for (int i = 0; i < 20; i++) {
    sides[i].pair = &pairs[i / 2];
    sides[i].me = i % 2;
    t[i] = THREAD(body, &sides[i]);
  }
  for (int i = 0; i < 20; i++) JOIN(t[i]);
  for (int i = 0; i < 10; i++) CHECK_EQ(pairs[i].turn, 400);
  return 0;
}
