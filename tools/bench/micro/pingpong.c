// Two threads hand the turn to each other: nanoseconds for each hand-over by condition variable,
// semaphore and pipe.
//
//   pingpong [HAND_OVERS] [cond|sem|pipe]
#include <semaphore.h>

#include "micro.h"

static long rounds;  // each is two hand-overs

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed[2] = {PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER};
static int turn;

static void* cond_player(void* arg) {
  int me = (int)(intptr_t)arg;
  pthread_mutex_lock(&lock);
  for (long i = 0; i < rounds; i++) {
    while (turn != me) pthread_cond_wait(&turn_changed[me], &lock);
    turn = !me;
    pthread_cond_signal(&turn_changed[!me]);
  }
  pthread_mutex_unlock(&lock);
  return NULL;
}

static sem_t sems[2];

static void* sem_player(void* arg) {
  int me = (int)(intptr_t)arg;
  for (long i = 0; i < rounds; i++) {
    sem_wait(&sems[me]);
    sem_post(&sems[!me]);
  }
  return NULL;
}

static int pipes[2][2];

static void* pipe_player(void* arg) {
  int me = (int)(intptr_t)arg;
  char byte = 0;
  for (long i = 0; i < rounds; i++) {
    if (read(pipes[me][0], &byte, 1) != 1 || write(pipes[!me][1], &byte, 1) != 1) abort();
  }
  return NULL;
}

static void play(const char* name, void* (*player)(void*)) {
  pthread_t threads[2];
  int64_t start = now_ns();
  for (intptr_t i = 0; i < 2; i++) must_create(&threads[i], player, (void*)i);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  emit(name, (double)(now_ns() - start) / (double)(2 * rounds), "ns");
}

int main(int argc, char** argv) {
  const char* only = argc > 2 ? argv[2] : "";
  rounds = argument(argc, argv, 1, 100000) / 2;
  if (!*only || !strcmp(only, "cond")) play("cond_pingpong", cond_player);
  if (!*only || !strcmp(only, "sem")) {
    sem_init(&sems[0], 0, 1);
    sem_init(&sems[1], 0, 0);
    play("sem_pingpong", sem_player);
  }
  if (!*only || !strcmp(only, "pipe")) {
    if (pipe(pipes[0]) != 0 || pipe(pipes[1]) != 0 || write(pipes[0][1], "", 1) != 1) return 1;
    play("pipe_pingpong", pipe_player);
  }
  return 0;
}
