// The text of a rules file, any bytes: taken apart as the parser promises, and applied without an option leaving its range.
// sources: src/base/rules.cc src/base/rules_files.cc src/base/debugvars.cc src/base/log.cc
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <string>

#include "base/debugvars.h"
#include "fuzz.h"

using namespace goshim;

namespace {

const ProgramNames kNames = {"/opt/shop/bin/shop", "./start"};

bool is_word(const char* s) { return s != nullptr && *s != 0 && strpbrk(s, " \t\r\n") == nullptr; }

void check_lines(std::string text) {
  const char* begin = text.data();
  const char* end = begin + text.size();
  int last = 0;
  Rule rule;
  for (RulesText rules(text.data(), text.size()); rules.next(&rule);) {
    FUZZ_CHECK(rule.line > last);
    last = rule.line;
    if (rule.fault != nullptr) continue;
    FUZZ_CHECK(is_word(rule.program) && rule.program >= begin && rule.program < end);
    FUZZ_CHECK(strchr(rule.why, '\n') == nullptr);
    int words = 0;
    while (const char* word = next_word(&rule.settings)) {
      FUZZ_CHECK(is_word(word) && word > rule.program && word < end);
      words++;
    }
    FUZZ_CHECK(words > 0);
    // A program's own name always fits when it has no magic in it.
    if (strpbrk(rule.program, "*?$/") == nullptr)
      FUZZ_CHECK(rule_fits(rule.program, {rule.program, nullptr}));
    rule_fits(rule.program, kNames);
  }
}

// Faults go to stderr, where what fuzzes writes too.
void apply_quietly(const RulesFile& file) {
  static const int null = open("/dev/null", O_WRONLY);
  static const int error = dup(2);
  dup2(null, 2);
  options_apply(file, kNames);
  dup2(error, 2);
}

void check_options(std::string text) {
  const Options before = options;
  const DebugVars debug_before = debug;
  apply_quietly({"rules", text.data(), text.size()});
  FUZZ_CHECK(options.maxprocs >= 0 && options.maxprocs <= 1024);
  FUZZ_CHECK(options.maxms >= 4 && options.maxms <= 1000000);
  FUZZ_CHECK(options.stack_size == 0 ||
             (options.stack_size >= 16 << 10 && options.stack_size <= 1 << 30));
  FUZZ_CHECK(options.wire == nullptr || *options.wire == 0 ||
             (options.wire >= text.data() && options.wire <= text.data() + text.size()));
  FUZZ_CHECK(debug.guard >= 0 && debug.guard <= 1 && debug.perturb >= 0);
  options = before;
  debug = debug_before;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_lines(text);
  check_options(text);
  return 0;
}
