// The list of TLS images is made anew whenever libraries came or went. The loader's list is walked without our lock, since
// the loader has one of its own; whoever began to walk before the last change walks again. While a library comes or goes
// images may appear and vanish under our eyes: then they are read under the loader's lock.
//
// The loader initialises the static TLS of a library that comes late in the threads on libc's lists, where no G is: that
// is done here, for all modules that the list has not had before. A constructor may have used it by then, in the G that
// loads the library or in one that it made: a block that is not all zero is left as it is.
#include "sched/tls_reset.h"

#include "arch/amd64/tcb.h"
#include "base/check.h"
#include "base/mlock.h"
#include "os/memory.h"
#include "sched/sched.h"

namespace goshim {

namespace {

struct List {
  TlsModule* modules = nullptr;
  int n = 0;
  size_t bytes = 0;
  bool any_dynamic = false;
};

constinit MLock lock{LockRank::kThread};
constinit List list GS_GUARDED_BY(lock) = {};
constinit uint32_t changes GS_GUARDED_BY(lock) = 1;
constinit uint32_t moving GS_GUARDED_BY(lock) = 0;  // libraries that are coming or going
constinit uint32_t listed GS_GUARDED_BY(lock) =
    0;  // the list is of this value of `changes`; 0: there is none
// The list is current and empty, as for most programs in C; nothing comes or goes. Written under the lock. Who makes a
// thread while another begins to load the first such library may see it late: then its G is among all that are settled.
constinit Atomic<bool> nothing;
// Up to this generation no library had dynamic TLS. In a block that has seen just that there is none to be dropped, and
// the lines of its DTV need not be looked through. Libraries that libc loads for itself come without a word to us, but
// not without a generation.
constexpr size_t kNoGeneration = ~size_t{0};
constinit Atomic<size_t> static_generation{kNoGeneration};
constinit bool ever_dynamic GS_GUARDED_BY(lock) = false;

enum class Reset { kDone, kListAgain, kAskLoader };

Reset reset_if_current(void* tcb) {
  MLockGuard g(lock);
  if (moving > 0) return Reset::kAskLoader;
  if (listed != changes) return Reset::kListAgain;
  tcb_reset_static(tcb, list.modules, list.n);
  return Reset::kDone;
}

void drop(const List& l) {
  if (l.modules != nullptr) os::unmap(l.modules, l.bytes);
}

List loaded_now() {
  List l;
  l.n = tcb_modules(nullptr, 0, &l.any_dynamic);
  for (int cap = -1; l.n > cap;) {
    drop(l);
    cap = l.n + 8;  // a few may come while we look
    l.bytes = os::round_up(static_cast<size_t>(cap) * sizeof(TlsModule), os::kPage);
    l.modules = static_cast<TlsModule*>(os::map_pages(l.bytes));
    GS_CHECK(l.modules != nullptr, "tls_reset: out of memory");
    l.n = tcb_modules(l.modules, cap, &l.any_dynamic);
  }
  return l;
}

bool has(const List& l, const TlsModule& m) {
  for (int i = 0; i < l.n; i++) {
    const TlsModule& o = l.modules[i];
    if (o.offset == m.offset && o.image == m.image && o.size == m.size) return true;
  }
  return false;
}

// f for each module of `in` that is not in `without`, in the block of each G.
void in_all_gs(const List& in, const List& without, void (*f)(void* tcb, const TlsModule&)) {
  struct Arg {
    const TlsModule* m;
    void (*f)(void*, const TlsModule&);
  };
  for (int i = 0; i < in.n; i++) {
    if (has(without, in.modules[i])) continue;
    Arg arg = {&in.modules[i], f};
    for_each_tcb(
        [](void* tcb, void* p) {
          const auto* a = static_cast<const Arg*>(p);
          a->f(tcb, *a->m);
        },
        &arg);
  }
}

uint32_t changes_now() {
  MLockGuard g(lock);
  return changes;
}

// False: there was another change meanwhile.
bool settle_once() {
  const uint32_t seen = changes_now();
  // Before the list: then that has all that came up to this generation.
  const size_t generation = tcb_tls_generation(get_fsbase());
  const List now = loaded_now();
  List old = now;
  bool is_current = false;
  {
    MLockGuard g(lock);
    is_current = seen == changes;
    if (is_current) {
      // What is there before the first list came before the first thread.
      if (listed != 0) {
        in_all_gs(list, now, &tcb_clear_module);
        in_all_gs(now, list, &tcb_begin_module);
      }
      old = list;
      list = now;
      listed = seen;
      ever_dynamic |= now.any_dynamic;
      // relaxed: a block that holds an old value's generation has nothing of a later one
      static_generation.store_relaxed(ever_dynamic ? kNoGeneration : generation);
      nothing.store_relaxed(now.n == 0 && moving == 0);  // relaxed: as its comment says
    }
  }
  drop(old);
  return is_current;
}

void settle() {
  while (!settle_once()) continue;
}

void reset_modules(void* tcb) {
  for (;;) {
    switch (reset_if_current(tcb)) {
      case Reset::kDone:
        return;
      case Reset::kAskLoader:
        return tcb_reset_by_loader(tcb);
      case Reset::kListAgain:
        settle();
    }
  }
}

}  // namespace

void tls_reset(void* tcb) {
  if (nothing.load_relaxed()) {  // relaxed: as its comment says
    tcb_reset_static(tcb, nullptr, 0);
  } else {
    reset_modules(tcb);
  }
  // relaxed: as above
  if (tcb_tls_generation(tcb) != static_generation.load_relaxed()) tcb_drop_dynamic(tcb);
}

void tls_change_begins() {
  bool is_first = false;
  if (started()) {
    MLockGuard g(lock);
    is_first = listed == 0;
  }
  if (is_first) settle();
  MLockGuard g(lock);
  moving++;
  nothing.store_relaxed(false);  // relaxed: as its comment says
}

void tls_change_ended() {
  {
    MLockGuard g(lock);
    moving--;
    changes++;
  }
  if (started()) settle();
}

void tls_reset_after_fork_child() GS_NO_TSA {
  lock.reset_after_fork();
  list = {};
  listed = moving = 0;
  nothing.store_relaxed(false);
}

}  // namespace goshim
