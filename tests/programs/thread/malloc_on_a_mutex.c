// covers: pthread_mutex_lock pthread_mutex_unlock pthread_create
// link: -ldl
// A program with a malloc of its own that stands on a pthread mutex and a condition: libc calls it for threads, TLS and
// streams, the loader for libraries; threads queue for it and hand blocks to each other.
#include "../help.h"

#include <dlfcn.h>
#include <sched.h>

enum { kHeap = 64 << 20, kClasses = 40 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t freed = PTHREAD_COND_INITIALIZER;
static char heap[kHeap] __attribute__((aligned(4096)));
static size_t used;
static long calls;
static struct block {
  size_t size_class;
  struct block* next;
} * free_blocks[kClasses];

static size_t class_of(size_t n) {
  size_t c = 5;
  while (((size_t)1 << c) < n) c++;
  return c;
}

// The header lies right before what the program gets, 16 bytes.
static void* take(size_t n, size_t align) {
  size_t c = class_of(n + 16 + (align > 16 ? align : 0));
  pthread_mutex_lock(&lock);
  if (++calls % 512 == 0) sched_yield();  // the holder may lose its turn
  struct block* b = free_blocks[c];
  if (b != NULL) {
    free_blocks[c] = b->next;
  } else if (used + ((size_t)1 << c) <= kHeap) {
    b = (struct block*)(void*)(heap + used);
    used += (size_t)1 << c;
  }
  pthread_mutex_unlock(&lock);
  if (b == NULL) {
    errno = ENOMEM;
    return NULL;
  }
  uintptr_t p = (uintptr_t)b + 16;
  if (align > 16) p = (p + align - 1) & ~(align - 1);
  ((size_t*)p)[-1] = c;
  ((size_t*)p)[-2] = p - (uintptr_t)b;
  return (void*)p;
}

void* malloc(size_t n) { return take(n, 16); }
void free(void* p) {
  if (p == NULL) return;
  size_t c = ((size_t*)p)[-1];
  struct block* b = (struct block*)(void*)((char*)p - ((size_t*)p)[-2]);
  pthread_mutex_lock(&lock);
  b->next = free_blocks[c];
  free_blocks[c] = b;
  pthread_cond_signal(&freed);
  pthread_mutex_unlock(&lock);
}
void* calloc(size_t n, size_t size) {
  void* p = take(n * size, 16);
  if (p != NULL) memset(p, 0, n * size);
  return p;
}
void* realloc(void* old, size_t n) {
  void* p = take(n, 16);
  if (p == NULL || old == NULL) return p;
  size_t had = ((size_t)1 << ((size_t*)old)[-1]) - ((size_t*)old)[-2];
  memcpy(p, old, had < n ? had : n);
  free(old);
  return p;
}
void* memalign(size_t align, size_t n) { return take(n, align); }
void* aligned_alloc(size_t align, size_t n) { return take(n, align); }
int posix_memalign(void** out, size_t align, size_t n) {
  *out = take(n, align);
  return *out != NULL ? 0 : ENOMEM;
}

static void* slots[64];
static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;

static void* churns(void* arg) {
  unsigned seed = (unsigned)(uintptr_t)arg;
  for (int i = 0; i < 400; i++) {
    seed = seed * 1103515245 + 12345;
    size_t n = 1 + seed % 3000;
    unsigned char* p = malloc(n);
    CHECK(p != NULL);
    memset(p, (int)(n & 255), n);
    p[0] = (unsigned char)(n & 255);
    pthread_mutex_lock(&slots_lock);
    void** slot = &slots[seed / 65536 % 64];
    void* other = *slot;
    *slot = p;
    pthread_mutex_unlock(&slots_lock);
    free(other);
    if (i % 50 == 0) {
      char* line = NULL;
      CHECK(asprintf(&line, "%d of %p", i, arg) > 0);
      free(line);
    }
  }
  return arg;
}

static void* waits(void* arg) {
  pthread_mutex_lock(&lock);
  while (calls < 1000) pthread_cond_wait(&freed, &lock);
  pthread_mutex_unlock(&lock);
  return arg;
}

static void* loads(void* arg) {
  void* lib = dlopen("libgcc_s.so.1", RTLD_NOW);
  if (lib != NULL) dlclose(lib);
  return arg;
}

int main(void) {
  pthread_t t[10];
  t[8] = THREAD(waits, NULL);
  for (uintptr_t i = 0; i < 8; i++) t[i] = THREAD(churns, (void*)(i + 1));
  t[9] = THREAD(loads, NULL);
  for (int i = 0; i < 100; i++) JOIN(THREAD(loads, NULL));
  for (int i = 0; i < 10; i++) JOIN(t[i]);
  return 0;
}
