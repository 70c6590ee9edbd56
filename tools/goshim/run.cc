// goshim run PROGRAM: sets the environment and becomes the program; with --stats stays beside it until its end.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "child.h"
#include "command.h"
#include "error.h"
#include "program.h"
#include "rules.h"
#include "stats.h"

namespace tool {

namespace {

struct Setting {
  const char* option;
  const char* variable;
};

constexpr Setting kSettings[] = {
    {"--procs", "GOSHIM_MAXPROCS"},  {"--threads", "GOSHIM_MAXMS"},
    {"--netpoll", "GOSHIM_NETPOLL"}, {"--stack-size", "GOSHIM_STACK_SIZE"},
    {"--patch", "GOSHIM_PATCH"},     {"--debug", "GOSHIM_DEBUG"},
    {"--wire", "GOSHIM_WIRE"},
};

void print_summary(pid_t pid, FILE* to) {
  try {
    Target target = open_process(pid);
    Inspector inspector(target);
    const Snapshot s = inspector.read(kGs | kPs);
    if (!s.started) {
      fprintf(to, "goshim: the program made no thread\n");
      return;
    }
    int64_t started = 0;
    for (const PInfo& p : s.ps) started += p.schedtick;
    fprintf(to, "goshim: %ld goroutines at the end, on %ld threads, %ld at once\n",
            s.counter("goroutines"), s.counter("threads"), s.counter("maxprocs"));
    fprintf(to,
            "goshim: %ld switches, %ld steals, %ld hand-offs (%ld blocked, %ld unseen, %ld hog), "
            "%ld wake-ups of threads\n",
            started, s.counter("steals"), s.counter("handoffs"), s.counter("retakes_blocked"),
            s.counter("retakes_unseen"), s.counter("retakes_hog"), s.counter("thread_wakeups"));
    fprintf(to,
            "goshim: libc: %ld entries redirected, %ld left alone; files: %ld at once, %ld by "
            "io_uring, %ld blocked\n",
            s.counter("libc_patched"), s.counter("libc_left_alone") + s.counter("libc_not_found"),
            s.counter("files_at_once"), s.counter("files_by_ring"), s.counter("files_blocked"));
  } catch (const Failure& e) {
    fprintf(to, "goshim: no statistics: %s\n", e.what());
  }
}

int run_beside(char** argv, const std::string& path, FILE* to) {
  Child child(argv, path);
  if (!child.is_traced()) fprintf(stderr, "goshim: no statistics: ptrace: %m\n");
  const int status = child.attend([&] { print_summary(child.pid(), to); });
  fflush(to);
  return end_like(status);
}

}  // namespace

// The program may change its folder before it starts others.
void set_rules(const std::string& file) {
  char* path = realpath(file.c_str(), nullptr);
  if (path == nullptr || access(path, R_OK) != 0) fail_errno(file);
  setenv("GOSHIM_RULES", path, 1);
  free(path);
}

void tell_if_disabled(const Program& program) {
  const Rules found = rules_for(program);
  if (!found.is_disabled) return;
  const std::string who = found.rules.empty() ? "GOSHIM_DISABLE" : found.rules.back().place;
  fprintf(stderr, "goshim: %s runs without goshim: %s says so\n", program.path.c_str(),
          who.c_str());
}

int run_main(const Args& args) {
  bool stats = false;
  std::string stats_file;
  std::vector<Option> options = {
      {"--rules", true, set_rules},
      {"--stats", false, [&](const std::string&) { stats = true; }},
      {"--stats-file", true,
       [&](const std::string& v) {
         stats = true;
         stats_file = v;
       }},
  };
  for (const Setting& s : kSettings)
    options.push_back(
        {s.option, true, [&s](const std::string& v) { setenv(s.variable, v.c_str(), 1); }});
  const Args rest = parse_options("run", args, options);
  if (rest.empty()) fail("run needs a program");
  const Program program = look_at(rest[0]);
  if (!program.refusals.empty()) fail(program.path + " " + program.refusals[0]);
  tell_if_disabled(program);
  preload(find_library());
  std::vector<char*> argv;
  for (const std::string& a : rest) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  const std::string& path = program.script.empty() ? program.path : program.script;
  if (!stats) {
    execv(path.c_str(), argv.data());
    fail_errno(path);
  }
  FILE* to = stderr;
  if (!stats_file.empty()) {
    to = fopen(stats_file.c_str(), "we");
    if (to == nullptr) fail_errno(stats_file);
  }
  // This program itself, and its child until exec, are not to be goshim's.
  return run_beside(argv.data(), path, to);
}

}  // namespace tool
