// Each row of the table equals libc's own declaration: a wrong parameter type does not compile.
//
// Types are what is compared. libc's noexcept, noreturn and nonnull are not part of them: a pointer to such a function
// converts to a pointer without them, and to no other.
#pragma GCC diagnostic ignored "-Wignored-attributes"
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#include <type_traits>

#include "preload/libc.h"

namespace {

#define SAME(name, ret, params)                                          \
  static_assert(std::is_convertible_v<decltype(&::name), ret(*) params>, \
                #name ": not as libc declares it")

#define HOOK(ret, name, params) SAME(name, ret, params);
#define HOOK_VARIADIC(ret, name, decl, params) SAME(name, ret, decl);
#define HOOK_INTERNAL(ret, name, params)
#define ALIAS(name, target)
#define NOT_HOOKED(name, why) static_assert(sizeof(why) > 1);
#include "preload/interpose.def"

}  // namespace
