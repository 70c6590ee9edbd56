// covers: sem_init sem_wait sem_post fork
// A process-shared semaphore in shared memory hands turns between threads of two processes.
#include "../help.h"

#include <semaphore.h>
#include <sys/mman.h>
#include <sys/wait.h>

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
  pid_t child = fork();
  CHECK(child >= 0);
  intptr_t base = child == 0 ? 0 : 1;
  pthread_t a = THREAD(body, (void*)base), b = THREAD(body, (void*)(base + 2));
  JOIN(a);
  JOIN(b);
  if (child == 0) _exit(0);
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  CHECK_EQ(s->value, 400);
  return 0;
}
