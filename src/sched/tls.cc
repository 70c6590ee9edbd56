#include "sched/tls.h"

#include "arch/amd64/fsbase.h"

namespace goshim {

thread_local constinit G* tls_g = nullptr;

namespace {

// Where tls_g lies relative to %fs: the same in every TCB, because initial-exec TLS is at a fixed offset.
ptrdiff_t tls_g_offset() {
  return reinterpret_cast<char*>(&tls_g) - static_cast<char*>(get_fsbase());
}

}  // namespace

const void* tls_g_of_tcb(const void* tcb) { return static_cast<const char*>(tcb) + tls_g_offset(); }

G* g_of_tcb(void* tcb) { return *reinterpret_cast<G**>(static_cast<char*>(tcb) + tls_g_offset()); }

void set_g_of_tcb(void* tcb, G* gp) {
  *reinterpret_cast<G**>(static_cast<char*>(tcb) + tls_g_offset()) = gp;
}

}  // namespace goshim
