#include "base/debugvars.h"

#include <algorithm>
#include <cstdlib>

#include <criterion/criterion.h>

#include "capture.h"

using namespace goshim;

namespace {

// Each test is a process, and the environment is read once. Returns what was said about it.
std::string read_options(std::initializer_list<std::pair<const char*, const char*>> env) {
  for (const char* name : {"GOSHIM_DISABLE", "GOSHIM_MAXPROCS", "GOMAXPROCS", "GOSHIM_MAXMS",
                           "GOSHIM_NETPOLL", "GOSHIM_STACK_SIZE", "GOSHIM_PATCH", "GOSHIM_DEBUG",
                           "GOSHIM_RULES", "GOSHIM_WIRE", "HOME", "XDG_CONFIG_HOME"}) {
    unsetenv(name);
  }
  for (auto [name, value] : env) setenv(name, value, 1);
  test::CapturedStderr err;
  options_init();
  return err.take();
}

long lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

}  // namespace

Test(options, defaults) {
  cr_assert(read_options({}).empty());
  cr_assert(!options.disable && options.patch);
  cr_assert(options.maxprocs == 0 && options.maxms == 10000 && options.stack_size == 0);
  cr_assert(options.netpoll == NetpollKind::kEpoll);
  cr_assert(debug.perturb == 0 && debug.schedtrace == 0 && debug.fsgsbase == 1 && debug.guard == 1);
}

Test(options, good_values) {
  cr_assert(read_options({{"GOSHIM_MAXPROCS", "3"},
                          {"GOSHIM_MAXMS", "77"},
                          {"GOSHIM_NETPOLL", "uring"},
                          {"GOSHIM_STACK_SIZE", "64K"},
                          {"GOSHIM_PATCH", "0"},
                          {"GOSHIM_DEBUG", "perturb=9,,schedtrace=1000,verbose"}})
                .empty());
  cr_assert(options.maxprocs == 3 && options.maxms == 77 && options.stack_size == 65536 &&
            !options.patch);
  cr_assert(options.netpoll == NetpollKind::kUring);
  cr_assert(debug.perturb == 9 && debug.schedtrace == 1000 && debug.verbose == 1);
}

Test(options, gomaxprocs_is_the_second_choice) {
  read_options({{"GOMAXPROCS", "5"}});
  cr_assert(options.maxprocs == 5);
}

Test(options, our_own_name_comes_first) {
  read_options({{"GOMAXPROCS", "5"}, {"GOSHIM_MAXPROCS", "2"}});
  cr_assert(options.maxprocs == 2);
}

Test(options, sizes_with_suffixes) {
  read_options({{"GOSHIM_STACK_SIZE", "8m"}});
  cr_assert(options.stack_size == 8 << 20);
}

Test(options, the_largest_size_is_allowed) {
  cr_assert(read_options({{"GOSHIM_STACK_SIZE", "1G"}}).empty());
  cr_assert(options.stack_size == 1 << 30);
}

Test(options, an_empty_value_is_none) {
  cr_assert(read_options({{"GOSHIM_MAXPROCS", ""}, {"GOSHIM_NETPOLL", ""}, {"GOSHIM_DEBUG", ""}})
                .empty());
  cr_assert(options.maxprocs == 0);
}

Test(options, disabled_reads_nothing_else) {
  cr_assert(read_options({{"GOSHIM_DISABLE", "1"}, {"GOSHIM_MAXPROCS", "rubbish"}}).empty());
  cr_assert(disabled());
}

// One line each, and the default stays.
#define BAD(test_name, name, value, still)                     \
  Test(options_bad, test_name) {                               \
    const std::string said = read_options({{name, value}});    \
    cr_assert(lines(said) == 1);                               \
    cr_assert(said.find("goshim: ") == 0);                     \
    cr_assert(said.find("ignored") != std::string::npos ||     \
              said.find("unknown item") != std::string::npos); \
    cr_assert(still);                                          \
  }

BAD(procs_zero, "GOSHIM_MAXPROCS", "0", options.maxprocs == 0)
BAD(procs_too_many, "GOSHIM_MAXPROCS", "1025", options.maxprocs == 0)
BAD(procs_text, "GOSHIM_MAXPROCS", "four", options.maxprocs == 0)
BAD(procs_trailing, "GOSHIM_MAXPROCS", "4x", options.maxprocs == 0)
BAD(procs_negative, "GOSHIM_MAXPROCS", "-1", options.maxprocs == 0)
BAD(procs_huge, "GOSHIM_MAXPROCS", "99999999999999999999999", options.maxprocs == 0)
BAD(ms_too_few, "GOSHIM_MAXMS", "3", options.maxms == 10000)
BAD(stack_too_small, "GOSHIM_STACK_SIZE", "1K", options.stack_size == 0)
BAD(stack_too_big, "GOSHIM_STACK_SIZE", "2G", options.stack_size == 0)
BAD(stack_bad_suffix, "GOSHIM_STACK_SIZE", "64Q", options.stack_size == 0)
BAD(stack_overflows, "GOSHIM_STACK_SIZE", "9223372036854775807G", options.stack_size == 0)
BAD(netpoll_unknown, "GOSHIM_NETPOLL", "kqueue", options.netpoll == NetpollKind::kEpoll)
BAD(patch_two, "GOSHIM_PATCH", "2", options.patch)
BAD(debug_unknown, "GOSHIM_DEBUG", "nonsense=1", debug.perturb == 0)
BAD(debug_value, "GOSHIM_DEBUG", "perturb=x", debug.perturb == 0)
BAD(debug_no_value, "GOSHIM_DEBUG", "perturb=", debug.perturb == 0)
BAD(debug_out_of_range, "GOSHIM_DEBUG", "invariants=2", debug.invariants == 0)
BAD(debug_long_name, "GOSHIM_DEBUG",
    "a_name_that_is_longer_than_the_buffer_that_it_is_printed_from_but_not_printed_whole=1",
    debug.perturb == 0)

Test(options_bad, one_bad_item_leaves_the_others) {
  const std::string said = read_options({{"GOSHIM_DEBUG", "perturb=x,schedtrace=5"}});
  cr_assert(lines(said) == 1);
  cr_assert(debug.perturb == 0 && debug.schedtrace == 5);
}

Test(options, help_names_every_variable) {
  const std::string said = read_options({{"GOSHIM_DEBUG", "help"}});
  for (const char* name : {"GOSHIM_MAXPROCS", "GOSHIM_MAXMS", "GOSHIM_NETPOLL", "GOSHIM_STACK_SIZE",
                           "GOSHIM_PATCH", "GOSHIM_RULES", "schedtrace", "perturb", "invariants"}) {
    cr_assert(said.find(name) != std::string::npos);
  }
}

namespace {

// What is said about a file's rules, applied to a program called "shop".
std::string apply(std::string text) {
  test::CapturedStderr err;
  // The values of names are kept where they stand.
  static std::string kept;
  kept = text;
  options_apply({"rules", kept.data(), kept.size()}, {"/opt/bin/shop", "shop"});
  return err.take();
}

}  // namespace

Test(options_rules, all_that_fit_act_and_later_ones_last) {
  cr_assert(
      apply("* maxprocs=3 disable\nother maxprocs=9\nshop disable=0 stack_size=64K\n").empty());
  cr_assert(options.maxprocs == 3 && !options.disable && options.stack_size == 65536);
}

Test(options_rules, every_option_can_be_set) {
  cr_assert(
      apply(
          "shop disable trace maxprocs=5 maxms=99 netpoll=uring stack_size=1M patch=0 wire=db-*,x "
          "debug=schedtrace=7,verbose\n")
          .empty());
  cr_assert(options.disable && options.maxprocs == 5 && options.maxms == 99 && !options.patch);
  cr_assert(options.netpoll == NetpollKind::kUring && options.stack_size == 1 << 20 &&
            options.trace);
  cr_assert(debug.schedtrace == 7 && debug.verbose == 1);
  cr_assert_str_eq(options.wire, "db-*,x");
}

Test(options_rules, the_first_fault_is_told_and_good_lines_act) {
  const std::string said =
      apply("# rules\nshop maxprocs=many\nshop maxms=50 netpoll=\nnonsense\nshop stack_size=1M\n");
  cr_assert_str_eq(said.c_str(),
                   "goshim: rules:2: maxprocs=many is not a number from 1 to 1024, ignored\n");
  cr_assert(options.maxprocs == 0 && options.maxms == 50 && options.stack_size == 1 << 20);
}

Test(options_rules, faults_of_other_programs_are_told_too) {
  const std::string said = apply("java disabel\nshop maxprocs=2\n");
  cr_assert(said == "goshim: rules:1: disabel is no option\n");
  cr_assert(options.maxprocs == 2);
}

#define FAULT(test_name, line, text)                         \
  Test(options_rules_bad, test_name) {                       \
    cr_assert(apply(line) == "goshim: rules:1: " text "\n"); \
    cr_assert(options.maxprocs == 0 && !options.disable);    \
  }
FAULT(nothing_said, "shop", "says nothing about the program")
FAULT(not_text, "shop\x02 disable", "not text")
FAULT(no_value, "shop maxprocs", "maxprocs= is not a number from 1 to 1024, ignored")
FAULT(flag_of_two, "shop disable=2", "disable=2 is not a number from 0 to 1, ignored")
FAULT(case_matters, "shop MAXPROCS=2", "MAXPROCS is no option")
FAULT(whole_variable, "shop GOSHIM_MAXPROCS=2", "GOSHIM_MAXPROCS is no option")
FAULT(poller, "shop netpoll=poll", "netpoll=poll is neither epoll nor uring, ignored")
FAULT(debug_item, "shop debug=x=1", "debug: unknown item x=1 (GOSHIM_DEBUG=help lists them)")
FAULT(debug_value, "shop debug=guard=7", "debug: guard wants a number from 0 to 1, ignored")
FAULT(no_help_here, "shop debug=help", "debug: unknown item help (GOSHIM_DEBUG=help lists them)")
