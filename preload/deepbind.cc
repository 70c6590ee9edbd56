#include "preload/deepbind.h"

#include "base/log.h"
#include "os/elf.h"
#include "preload/hook.h"

namespace goshim {

namespace {

struct Images {
  os::ElfImage us;
  os::ElfImage libc;
};

uintptr_t ours_for_libcs(const os::ElfImport& import, void* arg) {
  const auto* images = static_cast<const Images*>(arg);
  const bool is_libcs = *import.slot >= images->libc.text_lo && *import.slot < images->libc.text_hi;
  if (!is_libcs && !import.is_lazy) return 0;
  // What we export is the hook table.
  return reinterpret_cast<uintptr_t>(images->us.find(import.name).entry);
}

}  // namespace

void bind_past_libc() {
  const void* us = reinterpret_cast<const void*>(&bind_past_libc);
  const void* libc = reinterpret_cast<const void*>(real.pthread_create);
  Images images;
  if (!os::elf_image_of(us, &images.us) || !os::elf_image_of(libc, &images.libc)) return;
  const int failures = os::elf_rebind_imports(us, &ours_for_libcs, &images);
  if (failures > 0)
    Log() << failures << " calls of a library opened with RTLD_DEEPBIND stay libc's";
}

}  // namespace goshim
