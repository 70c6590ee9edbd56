// Each row of the table equals libc's own declaration: a wrong parameter type does not compile.
// Types are what is compared; libc's nonnull and the like are not part of them.
#pragma GCC diagnostic ignored "-Wignored-attributes"
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#include <type_traits>

#include "preload/libc.h"

namespace {

// A function type without noexcept, which libc's headers have and our rows do not.
template <typename T>
struct Plain;
template <typename R, typename... A>
struct Plain<R(A...)> {
  using Type = R(A...);
};
template <typename R, typename... A>
struct Plain<R(A...) noexcept> {
  using Type = R(A...);
};
template <typename R, typename... A>
struct Plain<R(A..., ...)> {
  using Type = R(A..., ...);
};
template <typename R, typename... A>
struct Plain<R(A..., ...) noexcept> {
  using Type = R(A..., ...);
};

#define SAME(name, ...) \
  static_assert(std::is_same_v<Plain<decltype(::name)>::Type, __VA_ARGS__>, #name ": not as libc declares it")

#define HOOK(ret, name, params) SAME(name, ret params);
#define HOOK_VARIADIC(ret, name, decl, params) SAME(name, ret decl);
#define HOOK_INTERNAL(ret, name, params)
#define ALIAS(name, target)
#define NOT_HOOKED(name, why) static_assert(sizeof(why) > 1);
#include "preload/interpose.def"

}  // namespace
