// covers: sem_init sem_wait sem_post fork
// A process-shared semaphore in shared memory hands turns between threads of two processes.
#include "../help.h"

#include <semaphore.h>
#include <sys/mman.h>

struct shared {
  sem_t turn[4];
  int value;
};
static struct shared* s;

static void* body(void* arg) {
  intptr_t me = (intptr_t)arg;
  for (int i = 0; i < 100; i++) {
    CHECK_OK(sem_wait(&s->turn[me]));
    CHECK_EQ(s->value, 4 * i + me);
    s->value++;
    CHECK_OK(sem_post(&s->turn[(me + 1) % 4]));
  }
  return NULL;
}

int main(void) {
  s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(s != MAP_FAILED);
  for (unsigned i = 0; i < 4; i++) CHECK_OK(sem_init(&s->turn[i], 1, i == 0));
  run_in_two_processes(body);
  CHECK_EQ(s->value, 400);
  return 0;
}
