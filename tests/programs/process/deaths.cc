// covers: abort raise kill pthread_kill sigqueue
// Whatever ends a process, and on whichever of its threads, its status says so: every signal whose default action is the
// end, sent in every way; what the hardware complains about; what libc and the C++ runtime give up at.
//
// The program runs itself, once for each death: a child of fork() would not be as the process that a shell starts.
#include "../help.h"

#undef NDEBUG
#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <exception>

namespace {

struct Death {
  const char* name;
  int want;
  void (*die)(int sig);
};

pthread_t parked;

void by_raise(int sig) { raise(sig); }
void by_kill(int sig) { kill(getpid(), sig); }
void by_thread_kill(int sig) { pthread_kill(parked, sig); }
void by_own_thread_kill(int sig) { pthread_kill(pthread_self(), sig); }
void by_tgkill(int sig) { syscall(SYS_tgkill, getpid(), gettid(), sig); }
void by_queue(int sig) { sigqueue(getpid(), sig, {}); }
void by_parent(int) { write_all(1, "k", 1); }

volatile int* volatile nowhere = reinterpret_cast<volatile int*>(8);
void store_to_null(int) { *nowhere = 1; }
void load_from_nowhere(int) {
  (void)*reinterpret_cast<volatile int*>(static_cast<uintptr_t>(0x0123456789abcdef));
}
void privileged(int) { __asm__ volatile("hlt"); }
void undefined(int) { __asm__ volatile("ud2"); }
void breakpoint(int) { __asm__ volatile("int3"); }
void divide(int) {
  __asm__ volatile("xorl %%edx, %%edx\n movl $1, %%eax\n xorl %%ecx, %%ecx\n divl %%ecx" ::
                       : "eax", "ecx", "edx");
}
void past_the_file(int) {
  int fd = memfd_create("short", 0);
  void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  *static_cast<volatile char*>(page) = 1;
}
void jump_to_data(int) { reinterpret_cast<void (*)()> (&parked)(); }

volatile int depth;
__attribute__((noinline)) void recurse(int n) {
  volatile char frame[2000];
  frame[n % 2000] = 1;
  if (n >= depth) recurse(n + 1);
  (void)frame[n % 1000];
}
void overflow(int) { recurse(0); }
void blocked_fault(int) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  store_to_null(0);
}
void ignored_fault(int) {
  signal(SIGSEGV, SIG_IGN);
  store_to_null(0);
}
void handled_once(int) {
  struct sigaction act = {};
  act.sa_handler = [](int) {};
  act.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGSEGV, &act, nullptr);
  store_to_null(0);
}
void handler_sends_again(int) {
  signal(SIGSEGV, [](int sig) {
    signal(sig, SIG_DFL);
    raise(sig);
  });
  store_to_null(0);
}
void handler_exits(int) {
  signal(SIGSEGV, [](int) { _exit(21); });
  store_to_null(0);
}
void overflow_on_other_stack(int) {
  static char other[65536];
  stack_t ss = {};
  ss.ss_sp = other;
  ss.ss_size = sizeof other;
  sigaltstack(&ss, nullptr);
  struct sigaction act = {};
  act.sa_handler = [](int) { _exit(22); };
  act.sa_flags = SA_ONSTACK;
  sigaction(SIGSEGV, &act, nullptr);
  overflow(0);
}

void by_abort(int) { abort(); }
void abort_blocked(int) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  abort();
}
void abort_ignored(int) {
  signal(SIGABRT, SIG_IGN);
  abort();
}
void abort_handled(int) {
  signal(SIGABRT, [](int) {});
  abort();
}
void abort_handler_exits(int) {
  signal(SIGABRT, [](int) { _exit(23); });
  abort();
}
void by_assert(int sig) { assert(sig == 0); }
void by_trap(int) { __builtin_trap(); }
void by_throw(int) { throw 3; }
void throw_in_noexcept(int) noexcept {
  [] { throw 3; }();
}
void by_terminate(int) { std::terminate(); }
void terminate_handler(int) {
  std::set_terminate([] { _exit(24); });
  throw 3;
}
void free_twice(int) {
  void* volatile p = malloc(3000);
  void* volatile q = malloc(3000);
  free(p);
  free(p);
  free(q);
}
extern "C" [[noreturn]] void __stack_chk_fail();
void smashed(int) { __stack_chk_fail(); }

void broken_pipe(int) {
  int fd[2];
  CHECK_OK(pipe(fd));
  close(fd[0]);
  (void)!write(fd[1], "x", 1);
}
void broken_socket(int) {
  int fd[2];
  CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
  close(fd[0]);
  send(fd[1], "x", 1, 0);
}
void too_large_file(int) {
  rlimit small = {10, 10};
  setrlimit(RLIMIT_FSIZE, &small);
  int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
  for (int i = 0; i < 2; i++) (void)!write(fd, "0123456789", 10);
}
[[noreturn]] void burn() {
  for (;;) __asm__ volatile("");
}
void timer(int which) {
  itimerval soon = {{0, 0}, {0, 2000}};
  setitimer(static_cast<__itimer_which_t>(which), &soon, nullptr);
  burn();
}
void real_timer(int) { timer(ITIMER_REAL); }
void virtual_timer(int) { timer(ITIMER_VIRTUAL); }
void profiling_timer(int) { timer(ITIMER_PROF); }
void out_of_cpu_time(int) {
  rlimit none = {0, RLIM_INFINITY};
  setrlimit(RLIMIT_CPU, &none);
  burn();
}
void raised_at_exit(int) {
  atexit([] { raise(SIGTERM); });
  exit(0);
}
void large_status(int) { exit(300); }
void by_exit_call(int) { syscall(SYS_exit_group, 25); }

#define SIGNALS(how)                                                                            \
  {#how, SIGHUP, how}, {#how, SIGINT, how}, {#how, SIGQUIT, how}, {#how, SIGILL, how},          \
      {#how, SIGTRAP, how}, {#how, SIGABRT, how}, {#how, SIGBUS, how}, {#how, SIGFPE, how},     \
      {#how, SIGKILL, how}, {#how, SIGUSR1, how}, {#how, SIGSEGV, how}, {#how, SIGUSR2, how},   \
      {#how, SIGPIPE, how}, {#how, SIGALRM, how}, {#how, SIGTERM, how}, {#how, SIGSTKFLT, how}, \
      {#how, SIGXCPU, how}, {#how, SIGXFSZ, how}, {#how, SIGVTALRM, how}, {#how, SIGPROF, how}, \
      {#how, SIGIO, how}, {#how, SIGPWR, how}, {#how, SIGSYS, how}, {#how, 34, how}, {          \
#how, 64, how                                                                               \
  }
#define ONE(how, want) \
  { #how, want, how }

const Death kSent[] = {SIGNALS(by_raise), SIGNALS(by_kill), SIGNALS(by_thread_kill),
                       SIGNALS(by_parent)};
const Death kFew[] = {
    ONE(by_own_thread_kill, SIGUSR1),
    ONE(by_own_thread_kill, SIGSEGV),
    ONE(by_tgkill, SIGTERM),
    ONE(by_tgkill, SIGSEGV),
    ONE(by_queue, SIGBUS),
    ONE(by_queue, 40),
};
const Death kOwn[] = {
    ONE(store_to_null, SIGSEGV),   ONE(load_from_nowhere, SIGSEGV),
    ONE(privileged, SIGSEGV),      ONE(jump_to_data, SIGSEGV),
    ONE(undefined, SIGILL),        ONE(breakpoint, SIGTRAP),
    ONE(divide, SIGFPE),           ONE(past_the_file, SIGBUS),
    ONE(overflow, SIGSEGV),        ONE(overflow_on_other_stack, 22 << 8),
    ONE(blocked_fault, SIGSEGV),   ONE(ignored_fault, SIGSEGV),
    ONE(handled_once, SIGSEGV),    ONE(handler_sends_again, SIGSEGV),
    ONE(handler_exits, 21 << 8),   ONE(by_abort, SIGABRT),
    ONE(abort_blocked, SIGABRT),   ONE(abort_ignored, SIGABRT),
    ONE(abort_handled, SIGABRT),   ONE(abort_handler_exits, 23 << 8),
    ONE(by_assert, SIGABRT),       ONE(by_trap, SIGILL),
    ONE(by_throw, SIGABRT),        ONE(throw_in_noexcept, SIGABRT),
    ONE(by_terminate, SIGABRT),    ONE(terminate_handler, 24 << 8),
    ONE(free_twice, SIGABRT),      ONE(smashed, SIGABRT),
    ONE(broken_pipe, SIGPIPE),     ONE(broken_socket, SIGPIPE),
    ONE(too_large_file, SIGXFSZ),  ONE(real_timer, SIGALRM),
    ONE(virtual_timer, SIGVTALRM), ONE(profiling_timer, SIGPROF),
    ONE(out_of_cpu_time, SIGXCPU), ONE(raised_at_exit, SIGTERM),
    ONE(large_status, 44 << 8),    ONE(by_exit_call, 25 << 8),
};

int silence[2];
void* blocked(void*) {
  char c;
  CHECK_EQ(read(silence[0], &c, 1), 1);
  return nullptr;
}

void* dies(void* arg) {
  const auto* death = static_cast<const Death*>(arg);
  death->die(death->want);
  for (;;) pause();
}

void live_and_die(const Death* death, bool on_main) {
  rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  // A shell starts what it does not wait for with some of them ignored.
  for (int sig = 1; sig <= 64; sig++) signal(sig, SIG_DFL);
  sigset_t nothing;
  sigemptyset(&nothing);
  pthread_sigmask(SIG_SETMASK, &nothing, nullptr);
  CHECK_OK(pipe(silence));
  parked = THREAD(blocked, nullptr);
  sleep_ms(1);
  if (on_main) dies(const_cast<Death*>(death));
  pthread_join(THREAD(dies, const_cast<Death*>(death)), nullptr);
}

struct Table {
  const Death* rows;
  size_t n;
};
const Table kTables[] = {{kSent, sizeof kSent / sizeof *kSent},
                         {kFew, sizeof kFew / sizeof *kFew},
                         {kOwn, sizeof kOwn / sizeof *kOwn}};

int wrong;

void judge(char* self, int table, size_t row, bool on_main) {
  const Death& death = kTables[table].rows[row];
  char where[3][16];
  snprintf(where[0], sizeof where[0], "%d", table);
  snprintf(where[1], sizeof where[1], "%zu", row);
  snprintf(where[2], sizeof where[2], "%d", on_main);
  char* argv[] = {self, where[0], where[1], where[2], nullptr};
  int out[2];
  CHECK_OK(pipe2(out, O_CLOEXEC));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  pid_t pid;
  CHECK_OK(posix_spawn(&pid, self, &actions, nullptr, argv, environ));
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  char c;
  if (death.die == by_parent && read(out[0], &c, 1) == 1) kill(pid, death.want);
  int status = -1;
  while (waitpid(pid, &status, 0) < 0) CHECK_EQ(errno, EINTR);
  close(out[0]);
  if (status == death.want) return;
  dprintf(2, "%s %d on %s: status 0x%x, want 0x%x\n", death.name, death.want,
          on_main ? "main" : "a thread", status, death.want);
  __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
}

char* self;
size_t next_one;

// Several at a time: a death is mostly waiting.
void* judges(void*) {
  for (;;) {
    size_t n = __atomic_fetch_add(&next_one, 1, __ATOMIC_RELAXED);
    const bool on_main = n % 2 != 0;
    n /= 2;
    int table = 0;
    while (table < 3 && n >= kTables[table].n) n -= kTables[table++].n;
    if (table == 3) return nullptr;
    judge(self, table, n, on_main);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4) {
    live_and_die(&kTables[atoi(argv[1])].rows[atoi(argv[2])], atoi(argv[3]) != 0);
    return 99;
  }
  self = argv[0];
  pthread_t t[4];
  for (auto& each : t) each = THREAD(judges, nullptr);
  for (auto each : t) JOIN(each);
  return wrong != 0;
}
