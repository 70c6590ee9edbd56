// covers: pthread_create pthread_join
// Threads that make threads: a binary tree of depth 8 and a chain of 200, all counted.
#include "../help.h"

static int count;

static void* tree(void* arg) {
  intptr_t depth = (intptr_t)arg;
  __atomic_fetch_add(&count, 1, __ATOMIC_SEQ_CST);
  if (depth == 0) return (void*)1L;
  pthread_t left = THREAD(tree, (void*)(depth - 1));
  pthread_t right = THREAD(tree, (void*)(depth - 1));
  return (void*)((intptr_t)JOIN(left) + (intptr_t)JOIN(right) + 1);
}

static void* chain(void* arg) {
  intptr_t n = (intptr_t)arg;
  if (n == 0) return NULL;
  return (void*)((intptr_t)JOIN(THREAD(chain, (void*)(n - 1))) + 1);
}

int main(void) {
  CHECK_EQ((intptr_t)JOIN(THREAD(tree, (void*)8L)), 511);
  CHECK_EQ(count, 511);
  CHECK_EQ((intptr_t)JOIN(THREAD(chain, (void*)200L)), 200);
  return 0;
}
