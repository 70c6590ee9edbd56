// A chain of threads joined by bounded queues under a mutex and two condition variables:
// nanoseconds for each item and stage, with queues of 1 slot (every item is a hand-over) and of 64.
//
//   pipeline [STAGES] [ITEMS]
#include "micro.h"

enum { kMaxSlots = 64, kMaxStages = 10000 };

struct Queue {
  pthread_mutex_t lock;
  pthread_cond_t not_empty, not_full;
  unsigned head, tail;
  long values[kMaxSlots];
};

static struct Queue* queues;
static unsigned slots;
static long items;

static void push(struct Queue* q, long value) {
  pthread_mutex_lock(&q->lock);
  while (q->tail - q->head == slots) pthread_cond_wait(&q->not_full, &q->lock);
  q->values[q->tail++ % slots] = value;
  pthread_cond_signal(&q->not_empty);
  pthread_mutex_unlock(&q->lock);
}

static long pop(struct Queue* q) {
  pthread_mutex_lock(&q->lock);
  while (q->tail == q->head) pthread_cond_wait(&q->not_empty, &q->lock);
  long value = q->values[q->head++ % slots];
  pthread_cond_signal(&q->not_full);
  pthread_mutex_unlock(&q->lock);
  return value;
}

static void* stage(void* arg) {
  struct Queue* in = arg;
  for (long i = 0; i < items; i++) push(in + 1, pop(in) + 1);
  return NULL;
}

static void* source(void* arg) {
  for (long i = 0; i < items; i++) push(arg, i);
  return NULL;
}

static void run(long stages, unsigned queue_slots) {
  static pthread_t threads[kMaxStages + 1];
  char name[48];
  slots = queue_slots;
  queues = calloc((size_t)stages + 1, sizeof *queues);
  if (!queues) abort();
  for (long i = 0; i <= stages; i++) {
    pthread_mutex_init(&queues[i].lock, NULL);
    pthread_cond_init(&queues[i].not_empty, NULL);
    pthread_cond_init(&queues[i].not_full, NULL);
  }
  for (long i = 0; i < stages; i++) must_create(&threads[i], stage, &queues[i]);
  int64_t start = now_ns();
  must_create(&threads[stages], source, &queues[0]);
  for (long i = 0; i < items; i++) {
    if (pop(&queues[stages]) != i + stages) abort();
  }
  int64_t took = now_ns() - start;
  for (long i = 0; i <= stages; i++) pthread_join(threads[i], NULL);
  free(queues);
  snprintf(name, sizeof name, "pipeline_%ld_slots%u", stages, slots);
  emit(name, (double)took / (double)(items * (stages + 1)), "ns");
}

int main(int argc, char** argv) {
  long stages = argument(argc, argv, 1, 100);
  items = argument(argc, argv, 2, 2000);
  if (stages < 1 || stages > kMaxStages) return 2;
  run(stages, 1);
  run(stages, 64);
  return 0;
}
