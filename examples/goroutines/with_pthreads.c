// A library written for pthreads, unmodified, and goroutines that use it: its mutex and condition variable park their
// goroutine, and its own threads send on a channel.
#include <goshim/goshim.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

// ---- the library: a queue with a thread that works it off and calls back

struct job {
  void (*done)(void* arg, int result);
  void* arg;
  int input;
  struct job* next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER;
static struct job* queue;

static void* work(void* unused) {
  (void)unused;
  for (;;) {
    pthread_mutex_lock(&lock);
    while (queue == NULL) pthread_cond_wait(&not_empty, &lock);
    struct job* j = queue;
    queue = j->next;
    pthread_mutex_unlock(&lock);
    j->done(j->arg, j->input * j->input);
    free(j);
  }
  return NULL;
}

static void submit(int input, void (*done)(void* arg, int result), void* arg) {
  struct job* j = malloc(sizeof *j);
  if (j == NULL) abort();
  pthread_mutex_lock(&lock);
  *j = (struct job){done, arg, input, queue};
  queue = j;
  pthread_cond_signal(&not_empty);
  pthread_mutex_unlock(&lock);
}

// ---- the program

static void answer(void* chan, int result) { goshim_send(chan, &result); }

static void ask(void* sums) {
  goshim_chan* answers = goshim_chan_make(sizeof(int), 1);
  int sum = 0, v;
  for (int i = 1; i <= 10; i++) {
    submit(i, answer, answers);
    goshim_recv(answers, &v);
    sum += v;
  }
  goshim_chan_unref(answers);
  goshim_send(sums, &sum);
}

int main(void) {
  pthread_t worker;
  if (pthread_create(&worker, NULL, work, NULL) != 0) return 1;
  pthread_detach(worker);
  goshim_chan* sums = goshim_chan_make(sizeof(int), 0);
  for (int i = 0; i < 100; i++) goshim_go(ask, sums);
  int total = 0, sum;
  for (int i = 0; i < 100; i++) {
    goshim_recv(sums, &sum);
    total += sum;
  }
  printf("100 goroutines, total %d\n", total);
  return 0;
}
