#include "sched/task_state.h"

#include <linux/close_range.h>

#include "base/atomic.h"
#include "base/log.h"
#include "os/futex.h"
#include "os/proc_self.h"

namespace goshim {

namespace {

// The tid that sysmon asks about, taken out by the thread; its answer, taken out by sysmon. 0: none.
// [task_state.ask]: the writer of a word releases -> its reader acquires.
constinit Atomic<uint32_t> question;
constinit Atomic<uint32_t> answer;

void tell(Atomic<uint32_t>& word, uint32_t what) {
  word.store_release(what);  // [task_state.ask]
  os::futex_wake(word.raw(), 1);
}

uint32_t wait_for(Atomic<uint32_t>& word) {
  uint32_t what;
  while ((what = word.load_acquire()) == 0) os::futex_sleep(word.raw(), 0, -1);  // [task_state.ask]
  word.store_relaxed(0);  // relaxed: nobody writes before this is answered
  return what;
}

char read_state(uint32_t tid) {
  char path[48] = "/proc/self/task/";
  char digits[12];
  int n = 0;
  for (; tid > 0; tid /= 10) digits[n++] = static_cast<char>('0' + tid % 10);
  int len = 16;
  while (n > 0) path[len++] = digits[--n];
  __builtin_memcpy(path + len, "/stat", 6);
  char buf[64];
  const long got = os::read_file(path, buf, sizeof buf);
  // "tid (name) S ...": the name may contain anything, but its end is near.
  for (long i = got - 3; i > 0; i--) {
    if (buf[i] == ')') return buf[i + 2];
  }
  return '?';
}

}  // namespace

char task_state(int32_t tid) {
  tell(question, static_cast<uint32_t>(tid));
  return static_cast<char>(wait_for(answer));
}

void task_state_main() {
  // All of the range at once copies none of the table: no file of the program's is held open by us, or closed by us.
  const long err = os::sys(SYS_close_range, 0u, ~0u, CLOSE_RANGE_UNSHARE);
  if (err != 0 && log_verbose())
    Log() << "no close_range (error " << -err << "): looks at /proc take an fd number for a moment";
  for (;;) {
    const uint32_t tid = wait_for(question);
    tell(answer, static_cast<uint32_t>(read_state(tid)));
  }
}

void task_state_after_fork_child() {
  question.store_relaxed(0);
  answer.store_relaxed(0);
}

}  // namespace goshim
