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
};

constexpr Command kCommands[] = {
    {"run", &run_main, "[OPTION...] [--] PROGRAM [ARG...]",
     "run a program with its threads as goroutines"},
    {"doctor", &doctor_main, "[PROGRAM|PID]", "what works here, and with this program"},
    {"stats", &stats_main, "[--json|--prometheus] PID|CORE", "the scheduler's numbers"},
    {"stacks", &stacks_main, "[--all-frames] [--no-groups] PID|CORE",
     "where every goroutine stands, and why"},
    {"top", &top_main, "[-d SECONDS] [-n COUNT] [--sort KEY] PID", "the same, live"},
    {"trace", &trace_main, "[-o FILE] [-t SECONDS] PID | -- PROGRAM [ARG...]",
     "record what the scheduler does"},
    {"bench", &bench_main, "[OPTION...] -- SERVER [ARG...]",
     "a server of yours with and without goshim"},
};

void print_help(FILE* to) {
  fprintf(to, "usage: goshim COMMAND [ARG...]\n\n");
  for (const Command& c : kCommands) fprintf(to, "  %-7s %-38s %s\n", c.name, c.usage, c.doc);
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
      printf("usage: goshim %s %s\n%s\n", c.name, c.usage, c.doc);
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
