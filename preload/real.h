// libc's own functions, one pointer for each row of interpose.def.
//
// A slot starts as a stub that looks the symbol up (dlsym RTLD_NEXT), stores it and calls it; so hooks work before our
// constructor ran, a short-lived process pays only for what it calls, and later calls have neither test nor branch.
// real_resolve_all() fills the rest when threads are about to appear.
#pragma once

#include "preload/libc.h"

namespace goshim {

struct Real {
#define HOOK(ret, name, params) ret(*name) params;
#define HOOK_VARIADIC(ret, name, decl, params) ret(*name) params;
#define HOOK_INTERNAL(ret, name, params) ret(*name) params;
#define ALIAS(name, target)
#define NOT_HOOKED(name, why)
#include "preload/interpose.def"
#undef HOOK
#undef HOOK_VARIADIC
#undef HOOK_INTERNAL
#undef ALIAS
#undef NOT_HOOKED
};

extern Real real;

void real_resolve_all();

}  // namespace goshim
