#include "sched/wait_reason.h"

namespace goshim {

const char* wait_reason_name(WaitReason r) {
  static constexpr const char* kNames[] = {
#define X(name, text) text,
      GS_WAIT_REASONS(X)
#undef X
  };
  return kNames[static_cast<int>(r)];
}

}  // namespace goshim
