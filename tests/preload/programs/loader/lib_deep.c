// A lock and a condition that the program has in its hands too; every call goes to libc first when it is opened so.
#include <pthread.h>
#include <unistd.h>

// Reaches libc through a table instead of by a call.
int (*const deep_unlock)(pthread_mutex_t*) = pthread_mutex_unlock;

void deep_count(pthread_mutex_t* lock, pthread_cond_t* changed, int* count, int until) {
  pthread_mutex_lock(lock);
  while (*count < until) {
    ++*count;
    pthread_cond_broadcast(changed);
    pthread_cond_wait(changed, lock);
  }
  pthread_cond_broadcast(changed);
  deep_unlock(lock);
}

static void* counts(void* arg) {
  void** a = arg;
  deep_count(a[0], a[1], a[2], *(int*)a[3]);
  return arg;
}

int deep_start(pthread_t* id, void** arg) { return pthread_create(id, NULL, counts, arg); }

long deep_read(int fd, void* buf, unsigned long n) { return read(fd, buf, n); }
