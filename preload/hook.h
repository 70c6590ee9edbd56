// How a hook is written:
//
//   GOSHIM_HOOK(ssize_t, recv)(int fd, void* buf, size_t n, int flags) { ... }
//   GOSHIM_EXPORT_AS(__recv_alias, recv);
//
// The body is called hook_recv and exported under libc's name through an alias with an assembler label: libc's own
// declaration (with its nonnull and fortify attributes) never touches our definition.
#pragma once

#include "preload/real.h"

extern "C" {
#define HOOK(ret, name, params) ret hook_##name params;
#define HOOK_VARIADIC(ret, name, decl, params) ret hook_##name params;
#define HOOK_INTERNAL(ret, name, params) ret hook_##name params;
#define ALIAS(name, target)
#define NOT_HOOKED(name, why)
#include "preload/interpose.def"
#undef HOOK
#undef HOOK_VARIADIC
#undef HOOK_INTERNAL
#undef ALIAS
#undef NOT_HOOKED
}

#define GOSHIM_EXPORT_AS(alias_name, name)                                         \
  extern "C" decltype(hook_##name) goshim_export_##alias_name __asm__(#alias_name) \
      __attribute__((alias("hook_" #name), visibility("default")))

#define GOSHIM_HOOK(ret, name)  \
  GOSHIM_EXPORT_AS(name, name); \
  extern "C" ret hook_##name
