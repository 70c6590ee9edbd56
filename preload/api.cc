// include/goshim/goshim.h, the first half: goroutines, channels, select. Bodies as of hooks: at most five statements,
// what they do is in src/chan.
#include <stddef.h>

#include "chan/goroutine.h"
#include "chan/hchan.h"
#include "chan/panic.h"
#include "chan/select.h"
#include "goshim/goshim.h"
#include "os/clock.h"
#include "preload/blocking.h"

using namespace goshim;
using namespace goshim::chan;

static_assert(sizeof(goshim_case) == sizeof(Case) && alignof(goshim_case) == alignof(Case));
static_assert(offsetof(goshim_case, chan) == offsetof(Case, c));
static_assert(offsetof(goshim_case, elem) == offsetof(Case, elem));
static_assert(offsetof(goshim_case, ok) == offsetof(Case, ok));
static_assert(offsetof(goshim_case, wait) >= offsetof(Case, sg));
static_assert(static_cast<int>(CaseOp::kWritable) == GOSHIM_WRITABLE);

namespace {

hchan* in(goshim_chan* c) { return reinterpret_cast<hchan*>(c); }
const hchan* in(const goshim_chan* c) { return reinterpret_cast<const hchan*>(c); }

goshim_chan* out(hchan* c) {
  if (c == nullptr) result<int>(-ENOMEM);
  return reinterpret_cast<goshim_chan*>(c);
}

static_assert(static_cast<int>(Op::kDone) == GOSHIM_OK);
static_assert(static_cast<int>(Op::kClosed) == GOSHIM_CLOSED);
static_assert(static_cast<int>(Op::kWouldBlock) == GOSHIM_WOULD_BLOCK);
int out(Op op) { return static_cast<int>(op); }

int select_until(goshim_case* cases, int n, int64_t deadline) {
  if (n < 0 || n > kMaxCases) gopanic("select: too many cases");
  return selectgo(reinterpret_cast<Case*>(cases), n, deadline);
}

}  // namespace

extern "C" {

int goshim_go(void (*fn)(void*), void* arg) { return go(fn, arg, nullptr, 0); }
int goshim_go_with(void (*fn)(void*), void* arg, const char* name, size_t stack_size) {
  return go(fn, arg, name, stack_size);
}
void goshim_yield() { goyield(); }
void goshim_sleep(int64_t ns) { gosleep_for(ns); }
void goshim_goexit() {
  hook_pthread_exit(nullptr);
  __builtin_unreachable();
}
uint64_t goshim_goid() { return goid(); }
int goshim_num_goroutine() { return num_goroutine(); }
int goshim_gomaxprocs(int n) { return result<int>(gomaxprocs(n)); }
void goshim_lock_os_thread() { lock_os_thread(); }
void goshim_unlock_os_thread() { unlock_os_thread(); }
int64_t goshim_nanotime() { return os::nanotime(); }

goshim_chan* goshim_chan_make(size_t elem_size, size_t n) { return out(makechan(elem_size, n)); }
goshim_chan* goshim_chan_make_drop(size_t elem_size, size_t n, void (*drop)(void*)) {
  return out(makechan(elem_size, n, drop));
}
goshim_chan* goshim_chan_ref(goshim_chan* c) {
  chan_ref(in(c));
  return c;
}
void goshim_chan_unref(goshim_chan* c) { chan_unref(in(c)); }

void goshim_send(goshim_chan* c, const void* elem) { chansend(in(c), elem); }
int goshim_recv(goshim_chan* c, void* elem) { return out(chanrecv(in(c), elem)); }
int goshim_try_send(goshim_chan* c, const void* elem) { return out(chansend(in(c), elem, kNow)); }
int goshim_try_recv(goshim_chan* c, void* elem) { return out(chanrecv(in(c), elem, kNow)); }
int goshim_send_for(goshim_chan* c, const void* elem, int64_t ns) {
  return out(chansend(in(c), elem, deadline_in(ns)));
}
int goshim_recv_for(goshim_chan* c, void* elem, int64_t ns) {
  return out(chanrecv(in(c), elem, deadline_in(ns)));
}
void goshim_close(goshim_chan* c) { closechan(in(c)); }
size_t goshim_len(const goshim_chan* c) { return chanlen(in(c)); }
size_t goshim_cap(const goshim_chan* c) { return chancap(in(c)); }

int goshim_select(goshim_case* cases, int n) { return select_until(cases, n, kNever); }
int goshim_try_select(goshim_case* cases, int n) { return select_until(cases, n, kNow); }
int goshim_select_for(goshim_case* cases, int n, int64_t ns) {
  return select_until(cases, n, deadline_in(ns));
}

goshim_chan* goshim_check_elem(goshim_chan* c, size_t size) {
  if (c != nullptr && in(c)->elemsize != size) gopanic("element size is not the channel's");
  return c;
}

}  // extern "C"
