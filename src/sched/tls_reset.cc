// The list of TLS images is made anew when a thread is made after libraries came or went. The loader's list is walked
// without our lock, since the loader has one of its own; whoever began to walk before the last change walks again. While
// a library is being unloaded its image may vanish under our eyes: then the images are read under the loader's lock.
#include "sched/tls_reset.h"

#include "arch/amd64/tcb.h"
#include "base/check.h"
#include "base/mlock.h"
#include "os/memory.h"

namespace goshim {

namespace {

constinit MLock lock{LockRank::kThread};
constinit TlsModule* modules GS_GUARDED_BY(lock) = nullptr;
constinit int nmodules GS_GUARDED_BY(lock) = 0;
constinit size_t bytes GS_GUARDED_BY(lock) = 0;
constinit uint32_t changes GS_GUARDED_BY(lock) = 1;
constinit uint32_t unloading GS_GUARDED_BY(lock) = 0;
constinit uint32_t listed GS_GUARDED_BY(lock) = 0;  // the list is of this value of `changes`

enum class Reset { kDone, kListAgain, kAskLoader };

Reset reset_if_current(void* tcb, uint32_t* seen) {
  MLockGuard g(lock);
  *seen = changes;
  if (unloading > 0) return Reset::kAskLoader;
  if (listed != changes) return Reset::kListAgain;
  tcb_reset_static(tcb, modules, nmodules);
  return Reset::kDone;
}

void list_modules(uint32_t seen) {
  TlsModule* list = nullptr;
  int n = tcb_modules(nullptr, 0);
  size_t size = 0;
  for (int cap = -1; n > cap;) {
    if (list != nullptr) os::unmap(list, size);
    cap = n + 8;  // a few may come while we look
    size = os::round_up(static_cast<size_t>(cap) * sizeof(TlsModule), os::kPage);
    list = static_cast<TlsModule*>(os::map_pages(size));
    GS_CHECK(list != nullptr, "tls_reset: out of memory");
    n = tcb_modules(list, cap);
  }
  MLockGuard g(lock);
  if (modules != nullptr) os::unmap(modules, bytes);
  modules = list;
  nmodules = n;
  bytes = size;
  listed = seen;
}

}  // namespace

void tls_reset(void* tcb) {
  uint32_t seen;
  for (;;) {
    const Reset r = reset_if_current(tcb, &seen);
    if (r == Reset::kDone) break;
    if (r == Reset::kAskLoader) {
      tcb_reset_by_loader(tcb);
      break;
    }
    list_modules(seen);
  }
  tcb_drop_dynamic(tcb);
}

void tls_modules_changed() {
  MLockGuard g(lock);
  changes++;
}

void tls_unload_begins() {
  MLockGuard g(lock);
  unloading++;
}

void tls_unload_ended() {
  MLockGuard g(lock);
  unloading--;
  changes++;
}

void tls_reset_after_fork_child() GS_NO_TSA {
  lock.reset_after_fork();
  unloading = 0;
}

}  // namespace goshim
