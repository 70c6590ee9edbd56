// Thread-specific data. Values live in glibc's TCB, each G has its own, and pthread_getspecific is libc's: this file
// only knows which keys exist, so that it can run destructors when a G ends.
#include <limits.h>
#include <pthread.h>

#include "thread/thread.h"

namespace goshim {

namespace {

constexpr unsigned kKeys = PTHREAD_KEYS_MAX;
// A key without a destructor still has values to clear.
void no_destructor(void*) {}

using Destructor = void (*)(void*);

//  [key.list] key_created releases the destructor -> a thread that ends acquires it.
constinit Atomic<Destructor> destructors[kKeys];
constinit Atomic<unsigned> nkeys;  // one above the highest key ever created

bool run_once() {
  bool ran = false;
  const unsigned n = nkeys.load_acquire();  // [key.list]
  for (unsigned k = 0; k < n; k++) {
    Destructor d = destructors[k].load_acquire();  // [key.list]
    if (d == nullptr) continue;
    void* value = pthread_getspecific(k);
    if (value == nullptr) continue;
    pthread_setspecific(k, nullptr);
    if (d == &no_destructor) continue;
    d(value);
    ran = true;
  }
  return ran;
}

}  // namespace

void key_created(unsigned key, Destructor destructor) {
  if (key >= kKeys) return;
  destructors[key].store_release(destructor != nullptr ? destructor
                                                       : &no_destructor);  // [key.list]
  unsigned n = nkeys.load_relaxed();                    // relaxed: the CAS decides
  while (n <= key && !nkeys.cas_release(n, key + 1)) {  // [key.list]
  }
}

void key_deleted(unsigned key) {
  if (key < kKeys) destructors[key].store_release(nullptr);  // [key.list]
}

void key_run_destructors() {
  for (int i = 0; i < PTHREAD_DESTRUCTOR_ITERATIONS; i++) {
    if (!run_once()) return;
  }
  // What destructors set again in the last round is dropped, as by glibc.
  const unsigned n = nkeys.load_acquire();  // [key.list]
  for (unsigned k = 0; k < n; k++) {
    if (destructors[k].load_acquire() != nullptr &&
        pthread_getspecific(k) != nullptr) {  // [key.list]
      pthread_setspecific(k, nullptr);
    }
  }
}

}  // namespace goshim
