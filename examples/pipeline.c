// A pipeline of threads joined by bounded queues (mutex and two condition variables), the pthread
// way to write what Go does with channels: a prime sieve. Each stage holds one prime and passes on
// what it does not divide.
//
//   cc -O2 -pthread pipeline.c -o pipeline
//   ./pipeline [PRIMES]                       prints the last of that many primes, default 500
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { kSlots = 16 };

struct Queue {
  pthread_mutex_t lock;
  pthread_cond_t not_empty;
  pthread_cond_t not_full;
  int values[kSlots];
  unsigned head, tail;
};

// A stage reads from `in` and writes to `out`; the value 0 ends the stream.
struct Stage {
  pthread_t thread;
  struct Queue* in;
  struct Queue out;
  int prime;
};

static struct Queue source;
static atomic_int stop;

static void queue_init(struct Queue* q) {
  pthread_mutex_init(&q->lock, NULL);
  pthread_cond_init(&q->not_empty, NULL);
  pthread_cond_init(&q->not_full, NULL);
  q->head = q->tail = 0;
}

static void queue_push(struct Queue* q, int value) {
  pthread_mutex_lock(&q->lock);
  while (q->tail - q->head == kSlots) pthread_cond_wait(&q->not_full, &q->lock);
  q->values[q->tail++ % kSlots] = value;
  pthread_cond_signal(&q->not_empty);
  pthread_mutex_unlock(&q->lock);
}

static int queue_pop(struct Queue* q) {
  pthread_mutex_lock(&q->lock);
  while (q->tail == q->head) pthread_cond_wait(&q->not_empty, &q->lock);
  int value = q->values[q->head++ % kSlots];
  pthread_cond_signal(&q->not_full);
  pthread_mutex_unlock(&q->lock);
  return value;
}

static void* generate(void* arg) {
  (void)arg;
  for (int i = 2; !stop; i++) queue_push(&source, i);
  queue_push(&source, 0);
  return NULL;
}

static void* filter(void* arg) {
  struct Stage* stage = arg;
  int value;
  while ((value = queue_pop(stage->in)) != 0) {
    if (value % stage->prime != 0) queue_push(&stage->out, value);
  }
  queue_push(&stage->out, 0);
  return NULL;
}

int main(int argc, char** argv) {
  int primes = argc > 1 ? atoi(argv[1]) : 500;
  struct Stage* stages = calloc((size_t)(primes > 0 ? primes : 1), sizeof *stages);
  struct Queue* last = &source;
  pthread_t generator;
  if (primes < 1 || !stages) {
    fprintf(stderr, "usage: %s [PRIMES]\n", argv[0]);
    return 2;
  }
  queue_init(&source);
  if (pthread_create(&generator, NULL, generate, NULL) != 0) return 1;
  for (int i = 0; i < primes; i++) {
    struct Stage* stage = &stages[i];
    stage->in = last;
    stage->prime = queue_pop(last);
    queue_init(&stage->out);
    if (pthread_create(&stage->thread, NULL, filter, stage) != 0) {
      perror("pthread_create");
      return 1;
    }
    last = &stage->out;
  }
  printf("prime %d is %d\n", primes, stages[primes - 1].prime);

  stop = 1;
  while (queue_pop(last) != 0) {
  }
  pthread_join(generator, NULL);
  for (int i = 0; i < primes; i++) pthread_join(stages[i].thread, NULL);
  free(stages);
  return 0;
}
