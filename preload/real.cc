#include "preload/real.h"

#include <dlfcn.h>
#include <errno.h>

namespace goshim {

namespace {

// Stands in for a symbol this glibc does not have yet: a program that calls it was built for a newer one.
template <typename R, typename... A>
R missing(A...) {
  errno = ENOSYS;
  return (R)-1;  // NOLINT: R is an integer or a pointer
}

template <auto Slot, const char* Name>
struct Lazy;

template <typename R, typename... A, R (*Real::*Slot)(A...), const char* Name>
struct Lazy<Slot, Name> {
  static void resolve() {
    void* sym = dlsym(RTLD_NEXT, Name);
    R (*fn)(A...) = reinterpret_cast<R (*)(A...)>(sym);
    if (fn == nullptr) {
      if constexpr (__is_same(R, void)) {
        __builtin_trap();  // the void functions of the table exist in every glibc we support
      } else {
        fn = &missing<R, A...>;
      }
    }
    // relaxed: every racing resolver stores the same value
    __atomic_store_n(&(real.*Slot), fn, __ATOMIC_RELAXED);
  }
  static R call(A... a) {
    resolve();
    return (real.*Slot)(a...);
  }
};

#define ROW(name) constexpr char kName_##name[] = #name;
#define HOOK(ret, name, params) ROW(name)
#define HOOK_VARIADIC(ret, name, decl, params) ROW(name)
#define HOOK_INTERNAL(ret, name, params) ROW(name)
#define ALIAS(name, target)
#define NOT_HOOKED(name, why)
#include "preload/interpose.def"
#undef ROW

}  // namespace

constinit Real real = {
#define ROW(name) &Lazy<&Real::name, kName_##name>::call,
#include "preload/interpose.def"
#undef ROW
};

void real_resolve_all() {
#define ROW(name) Lazy<&Real::name, kName_##name>::resolve();
#include "preload/interpose.def"
#undef ROW
}

}  // namespace goshim
