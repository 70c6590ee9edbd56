// goshim doctor [PROGRAM|PID]: what works on this machine, and with this program. One line each; exit 1 if anything
// that goshim needs is missing.
#include <dlfcn.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "command.h"
#include "error.h"
#include "inspect.h"
#include "program.h"
#include "rules.h"

namespace tool {

namespace {

enum class Verdict { kGood, kNote, kBad };

class Report {
 public:
  void line(Verdict v, const std::string& text) {
    static const bool colour = isatty(1) == 1;
    static constexpr const char* kWords[] = {"ok  ", "note", "FAIL"};
    static constexpr const char* kColours[] = {"\033[32m", "\033[33m", "\033[31m"};
    const auto i = static_cast<int>(v);
    printf("%s%s%s  %s\n", colour ? kColours[i] : "", kWords[i], colour ? "\033[0m" : "",
           text.c_str());
    bad_ |= v == Verdict::kBad;
  }
  void check(bool good, Verdict otherwise, const std::string& if_good, const std::string& if_not) {
    line(good ? Verdict::kGood : otherwise, good ? if_good : if_not);
  }
  bool is_bad() const { return bad_; }

 private:
  bool bad_ = false;
};

std::string first_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

void check_kernel(Report& r) {
  utsname u = {};
  uname(&u);
  int major = 0, minor = 0;
  sscanf(u.release, "%d.%d", &major, &minor);
  r.check(strcmp(u.machine, "x86_64") == 0, Verdict::kBad, "x86-64",
          std::string("machine ") + u.machine + ": goshim is for x86-64");
  r.check(major > 5 || (major == 5 && minor >= 4), Verdict::kNote,
          std::string("kernel ") + u.release,
          std::string("kernel ") + u.release + " is older than what is tested (5.4)");
  constexpr unsigned long kFsgsbase = 2;
  r.check((getauxval(AT_HWCAP2) & kFsgsbase) != 0, Verdict::kNote,
          "fsgsbase: a switch needs no system call",
          "no fsgsbase: each switch costs a system call");
}

void check_io_uring(Report& r) {
  io_uring_params params = {};
  const long fd = syscall(SYS_io_uring_setup, 4, &params);
  if (fd >= 0) close(static_cast<int>(fd));
  r.check(
      fd >= 0, Verdict::kNote, "io_uring: file reads and syncs need no thread each",
      std::string("io_uring: ") + strerror(errno) + "; file I/O that sleeps takes a thread each");
}

void check_guards(Report& r) {
  constexpr int kGuardInstall = 102;
  void* p = mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const bool has = p != MAP_FAILED && madvise(p, 4096, kGuardInstall) == 0;
  const std::string limit = first_line("/proc/sys/vm/max_map_count");
  r.check(
      has, Verdict::kNote, "guard pages need no mapping of their own (MADV_GUARD_INSTALL)",
      "guard pages by mprotect: about half of vm.max_map_count (" + limit + ") threads at most");
  munmap(p, 8192);
}

void check_limits(Report& r) {
  rlimit l = {};
  getrlimit(RLIMIT_NOFILE, &l);
  r.check(l.rlim_cur >= 4096, Verdict::kNote, "open files: " + std::to_string(l.rlim_cur),
          "open files: " + std::to_string(l.rlim_cur) + " (ulimit -n) is little for a server");
  getrlimit(RLIMIT_NPROC, &l);
  r.check(l.rlim_cur >= 256, Verdict::kNote,
          "threads: " + (l.rlim_cur == RLIM_INFINITY ? "unlimited" : std::to_string(l.rlim_cur)),
          "threads: " + std::to_string(l.rlim_cur) +
              " (ulimit -u) may be too few for calls that block");
  const std::string overcommit = first_line("/proc/sys/vm/overcommit_memory");
  r.check(overcommit != "2", Verdict::kNote, "stacks are reserved, not committed",
          "vm.overcommit_memory is 2: reserved stacks count as memory; use --stack-size");
  const std::string scope = first_line("/proc/sys/kernel/yama/ptrace_scope");
  r.check(scope.empty() || scope == "0", Verdict::kNote, "your processes can be looked into",
          "kernel.yama.ptrace_scope is " + scope + ": stats, stacks and top need root");
}

// What the library itself says after it has made a thread, in this program run under it (see self_check_main).
void check_library(Report& r) {
  std::string library;
  try {
    library = find_library();
  } catch (const Failure& e) {
    r.line(Verdict::kBad, e.what());
    return;
  }
  r.line(Verdict::kGood, library);
  int out[2];
  if (pipe(out) != 0) fail_errno("pipe");
  const pid_t child = fork();
  if (child == 0) {
    dup2(out[1], 1);
    close(out[0]);
    dup2(out[1], 2);
    setenv("GOSHIM_DISABLE", "0", 1);
    setenv("LD_PRELOAD", library.c_str(), 1);
    execl("/proc/self/exe", "goshim", "doctor", "--self-check", nullptr);
    _exit(127);
  }
  close(out[1]);
  std::string text;
  char buf[512];
  for (ssize_t n; (n = read(out[0], buf, sizeof buf)) > 0;)
    text.append(buf, static_cast<size_t>(n));
  close(out[0]);
  int status = 0;
  waitpid(child, &status, 0);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const bool good = line.compare(0, 3, "ok ") == 0;
    r.line(good                                            ? Verdict::kGood
           : WIFEXITED(status) && WEXITSTATUS(status) == 0 ? Verdict::kNote
                                                           : Verdict::kBad,
           good ? line.substr(3) : line);
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    r.line(Verdict::kBad, "a program with one thread does not run under the library");
}

void* nothing(void*) { return nullptr; }

int self_check_main() {
  pthread_t t;
  if (pthread_create(&t, nullptr, nothing, nullptr) != 0) return 1;
  pthread_join(t, nullptr);
  const auto* layout =
      static_cast<const goshim_memory_layout*>(dlsym(RTLD_DEFAULT, "goshim_layout"));
  if (layout == nullptr) {
    printf("the library was not loaded\n");
    return 1;
  }
  if (layout->version != GOSHIM_LAYOUT_VERSION ||
      *static_cast<const uint32_t*>(layout->started) == 0) {
    printf("glibc %s: the library does not know it; threads stay kernel threads\n",
           gnu_get_libc_version());
    return 1;
  }
  printf("ok glibc %s, goshim %s: threads are goroutines\n", gnu_get_libc_version(),
         layout->library);
  int patched = 0, left = 0;
  for (uint32_t i = 0; i < layout->counter_count; i++) {
    const goshim_counter& c = layout->counters[i];
    if (strcmp(c.name, "libc_patched") == 0) patched = *static_cast<const int*>(c.address);
    if (strcmp(c.name, "libc_left_alone") == 0 || strcmp(c.name, "libc_not_found") == 0)
      left += *static_cast<const int*>(c.address);
  }
  printf("%s%d of libc's blocking entries redirected, %d left alone\n", left == 0 ? "ok " : "",
         patched, left);
  return 0;
}

void check_rules(Report& r, const Program& p) {
  const Rules found = rules_for(p);
  for (const FoundRule& rule : found.rules)
    r.line(Verdict::kNote,
           rule.place + ": " + rule.text + (rule.why.empty() ? "" : " (" + rule.why + ")"));
  if (found.is_disabled) {
    r.line(Verdict::kNote,
           "goshim leaves " + p.path + " alone; GOSHIM_DISABLE=0 would run it all the same");
    return;
  }
  if (!found.rules.empty()) return;
  for (const FoundRule& rule : shipped_rules_for(p))
    r.line(Verdict::kNote, "the rules that goshim comes with, not installed here, have: " +
                               rule.text + " (" + rule.why + ")");
}

void check_program(Report& r, const std::string& name) {
  const Program p = look_at(name);
  if (!p.script.empty()) r.line(Verdict::kGood, p.script + " is a script for " + p.path);
  if (p.refusals.empty())
    r.line(Verdict::kGood, p.path + ": dynamically linked, glibc, not setuid");
  for (const std::string& why : p.refusals) r.line(Verdict::kBad, p.path + " " + why);
  check_rules(r, p);
}

void check_process(Report& r, pid_t pid) {
  Target target = open_process(pid);
  Inspector inspector(target);
  const Snapshot s = inspector.read(kGs | kMs | kPs);
  r.line(Verdict::kGood, "process " + std::to_string(pid) + " has " + inspector.library()->path() +
                             " " + inspector.layout().library);
  r.check(s.started, Verdict::kNote,
          std::to_string(s.counter("goroutines")) + " goroutines on " +
              std::to_string(s.counter("threads")) + " threads",
          "it has not made a thread yet, or goshim is switched off in it");
  if (!s.started) return;
  r.check(
      s.counter("libc_left_alone") + s.counter("libc_not_found") == 0, Verdict::kNote,
      std::to_string(s.counter("libc_patched")) + " of libc's blocking entries redirected",
      "not all of libc's blocking entries are redirected: stdio and the resolver may take threads");
  r.check(s.counter("threads") < 64 + 4 * s.counter("maxprocs"), Verdict::kNote,
          "few kernel threads",
          std::to_string(s.counter("threads")) +
              " kernel threads: many calls that block (see goshim stacks)");
}

}  // namespace

int doctor_main(const Args& args) {
  if (args.size() == 1 && args[0] == "--self-check") return self_check_main();
  const Args rest = parse_options("doctor", args, {});
  if (rest.size() > 1) fail("doctor takes one argument, a program or a process id");
  Report r;
  check_kernel(r);
  check_io_uring(r);
  check_guards(r);
  check_limits(r);
  check_library(r);
  if (!rest.empty()) {
    if (rest[0].find_first_not_of("0123456789") == std::string::npos && !rest[0].empty())
      check_process(r, parse_pid(rest[0]));
    else
      check_program(r, rest[0]);
  }
  return r.is_bad() ? 1 : 0;
}

}  // namespace tool
