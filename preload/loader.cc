// Libraries that come and go while there are threads.
#include <dlfcn.h>
#include <string.h>

#include "arch/amd64/call_through.h"
#include "os/elf.h"
#include "preload/deepbind.h"
#include "preload/hook.h"
#include "sched/tls_reset.h"

using namespace goshim;

namespace {

// Libc looks at who calls it: that object's RUNPATH and $ORIGIN count. So it sees a return address in there.
void* open_for(const void* caller, const char* path, int flags) {
  const bool is_callers_affair =
      path != nullptr && (strchr(path, '/') == nullptr || strchr(path, '$') != nullptr);
  os::ElfImage image;
  if (!is_callers_affair || !os::elf_image_of(caller, &image)) return real.dlopen(path, flags);
  const uint8_t* ret = find_return(reinterpret_cast<const uint8_t*>(image.text_lo),
                                   reinterpret_cast<const uint8_t*>(image.text_hi),
                                   static_cast<const uint8_t*>(caller));
  return ret != nullptr ? goshim_call_through(ret, real.dlopen, path, flags)
                        : real.dlopen(path, flags);
}

}  // namespace

GOSHIM_HOOK(void*, dlopen)(const char* path, int flags) {
  tls_change_begins();
  void* handle = open_for(__builtin_return_address(0), path, flags);
  tls_change_ended();
  if (handle != nullptr && (flags & RTLD_DEEPBIND) != 0) bind_past_libc();
  return handle;
}

GOSHIM_HOOK(int, dlclose)(void* handle) {
  tls_change_begins();
  const int r = real.dlclose(handle);
  tls_change_ended();
  return r;
}
