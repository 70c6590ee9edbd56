#include "arch/amd64/fsbase.h"

#include <asm/prctl.h>
#include <sys/auxv.h>

#include "os/syscall.h"

namespace goshim {

bool have_fsgsbase = false;

void fsbase_init(bool allowed) {
  constexpr unsigned long kHwcap2Fsgsbase = 1 << 1;
  have_fsgsbase = allowed && (getauxval(AT_HWCAP2) & kHwcap2Fsgsbase) != 0;
}

void set_fsbase_slow(void* tcb) { os::sys(SYS_arch_prctl, ARCH_SET_FS, tcb); }

}  // namespace goshim
