// goshim: runs programs under libgoshim.so and looks into them.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>

#include "command.h"
#include "error.h"

namespace tool {

namespace {

struct Command {
  const char* name;
  int (*main)(const Args&);
  const char* usage;
  const char* doc;
  const char* options = "";
};

constexpr Command kCommands[] = {
    {"run", &run_main, "[OPTION...] [--] PROGRAM [ARG...]",
     "run a program with its threads as goroutines",
     "  --procs N          goroutines that run at once (GOSHIM_MAXPROCS)\n"
     "  --threads N        kernel threads at most (GOSHIM_MAXMS)\n"
     "  --netpoll KIND     epoll or uring (GOSHIM_NETPOLL)\n"
     "  --stack-size SIZE  default stack of a thread (GOSHIM_STACK_SIZE)\n"
     "  --patch 0|1        redirect libc's internal blocking calls (GOSHIM_PATCH)\n"
     "  --wire GLOBS       threads that keep a kernel thread each (GOSHIM_WIRE)\n"
     "  --debug ITEMS      name=value,... (GOSHIM_DEBUG); help lists them\n"
     "  --rules FILE       settings for some programs (GOSHIM_RULES)\n"
     "  --stats            what the scheduler did, on stderr, when the program ends\n"
     "  --stats-file FILE  the same, into a file\n"},
    {"doctor", &doctor_main, "[PROGRAM|PID]", "what works here, and with this program"},
    {"stats", &stats_main, "[--json|--prometheus] PID|CORE", "the scheduler's numbers",
     "  --json, --prometheus  in these formats\n"},
    {"stacks", &stacks_main, "[--all-frames] [--no-groups] PID|CORE",
     "where every goroutine stands, and why",
     "  --all-frames  the library's own too\n"
     "  --no-groups   an entry for each goroutine, also where stacks are equal\n"},
    {"top", &top_main, "[OPTION...] PID", "the same, live",
     "  -d SECONDS     between two looks (1)\n"
     "  -n COUNT       looks before it ends\n"
     "  --sort KEY     wait, id or state\n"
     "  --filter TEXT  goroutines whose name or state has it\n"},
    {"trace", &trace_main, "[OPTION...] PID | -- PROGRAM [ARG...]",
     "record what the scheduler does",
     "  -o FILE       where to (goshim.trace)\n"
     "  -t SECONDS    for so long, of a process (until it ends, or an interrupt)\n"
     "  --max-mb N    no more than that (1024)\n"
     "  --json TRACE  turn a recording into JSON for Perfetto and Chrome, to stdout or -o\n"
     "  --off PID     switch off what a recorder that was killed left on\n"},
    {"bench", &bench_main, "--load COMMAND [OPTION...] -- SERVER [ARG...]",
     "a server of yours with and without goshim",
     "  -l, --load COMMAND  for sh; requests per second are read from wrk, hey or ab\n"
     "  -n ROUNDS           how many of each (3)\n"
     "  --wait-ms N         between the server's start and the load (500)\n"},
};

void print_help(FILE* to) {
  fprintf(to, "usage: goshim COMMAND [ARG...]\n\n");
  for (const Command& c : kCommands) fprintf(to, "  %-7s %-46s %s\n", c.name, c.usage, c.doc);
  fprintf(to, "\n`goshim COMMAND --help` tells a command's options; goshim(1) tells more.\n");
}

int dispatch(const Args& args) {
  if (args.empty()) {
    print_help(stderr);
    return 2;
  }
  if (args[0] == "--help" || args[0] == "-h" || args[0] == "help") {
    print_help(stdout);
    return 0;
  }
  if (args[0] == "--version") {
    printf("goshim %s\n", GOSHIM_VERSION);
    return 0;
  }
  for (const Command& c : kCommands) {
    if (args[0] != c.name) continue;
    if (args.size() > 1 && (args[1] == "--help" || args[1] == "-h")) {
      printf("usage: goshim %s %s\n%s\n%s%s", c.name, c.usage, c.doc, *c.options ? "\n" : "",
             c.options);
      return 0;
    }
    return c.main(Args(args.begin() + 1, args.end()));
  }
  fail("there is no command '" + args[0] + "' (goshim --help lists them)");
}

}  // namespace

}  // namespace tool

int main(int argc, char** argv) {
  try {
    const int status = tool::dispatch(tool::Args(argv + 1, argv + argc));
    if (fflush(stdout) != 0) tool::fail_errno("stdout");
    return status;
  } catch (const std::exception& e) {
    fflush(stdout);
    // One line, whatever is in the names and outputs that it quotes.
    std::string what = e.what();
    std::replace(what.begin(), what.end(), '\n', ' ');
    fprintf(stderr, "goshim: %s\n", what.c_str());
    return 2;
  }
}
