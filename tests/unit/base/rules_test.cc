#include "base/rules.h"

#include <stdlib.h>

#include <string>
#include <vector>

#include <criterion/criterion.h>

#include "base/glob.h"

using namespace goshim;

namespace {

struct Line {
  int number;
  std::string fault, program, settings, why;
};

std::vector<Line> lines(std::string text) {
  std::vector<Line> out;
  Rule rule;
  for (RulesText rules(text.data(), text.size()); rules.next(&rule);) {
    Line line = {rule.line, "", "", "", rule.why};
    if (rule.fault != nullptr) line.fault = rule.fault;
    if (rule.program != nullptr) line.program = rule.program;
    if (rule.fault == nullptr) {
      while (const char* word = next_word(&rule.settings)) line.settings += word + std::string("|");
    }
    out.push_back(line);
  }
  return out;
}

bool fits(const char* glob, const char* name) { return glob_fits(glob, glob + strlen(glob), name); }

}  // namespace

Test(glob, stars_and_question_marks) {
  cr_assert(fits("java", "java") && !fits("java", "javac") && !fits("javac", "java"));
  cr_assert(fits("*", "") && fits("*", "x") && fits("", "") && !fits("", "x") && !fits("?", ""));
  cr_assert(fits("qemu-*", "qemu-system-x86_64") && !fits("qemu-*", "qemu"));
  cr_assert(fits("*a*b?", "aabbc") && !fits("*a*b?", "aab") && fits("**x**", "x"));
  cr_assert(fits("a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaab") && !fits("a*a*a*a*b", "aaaaaaaaaaaaaaaaaa"));
}

Test(glob, ends_where_told) {
  const char* two = "db-*,net";
  cr_assert(glob_fits(two, two + 4, "db-7") && !glob_fits(two, two + 4, "net"));
}

Test(rules, words_and_comments) {
  const auto all =
      lines("# a comment\n\njava disable # why  not \n\t*/x/y#z \t a=1  b=c=d\t\n#\n  # another\n");
  cr_assert(all.size() == 2);
  cr_assert(all[0].number == 3 && all[0].program == "java" && all[0].settings == "disable|" &&
            all[0].why == "why  not");
  cr_assert(all[1].number == 4 && all[1].program == "*/x/y#z" && all[1].settings == "a=1|b=c=d|" &&
            all[1].why.empty());
}

Test(rules, ends_of_lines) {
  cr_assert(lines("").empty() && lines("\n\n\n").empty() && lines("   ").empty());
  const auto dos = lines("a disable\r\nb disable\r\n");
  cr_assert(dos.size() == 2 && dos[0].settings == "disable|" && dos[1].settings == "disable|");
  const auto open = lines("x y");
  cr_assert(open.size() == 1 && open[0].program == "x" && open[0].settings == "y|");
}

Test(rules, faults_have_their_line_and_no_other) {
  std::string text =
      "good disable\njava\nb\x01-d disable\nz?z disable\n$ disable\n$=x disable\n"
      "\xc3\xa9t\xc3\xa9 disable\n";
  text[text.find('?')] = 0;
  const auto all = lines(text);
  cr_assert(all.size() == 7);
  for (size_t i = 0; i < all.size(); i++) {
    cr_assert(all[i].number == static_cast<int>(i) + 1);
    cr_assert(all[i].fault.empty() == (i == 0 || i == 6));
  }
  cr_assert(all[1].fault == "says nothing about the program" && all[2].fault == "not text");
}

Test(rules, a_line_of_comment_only_behind_a_name_says_nothing) {
  const auto all = lines("java # disable\n");
  cr_assert(all.size() == 1 && !all[0].fault.empty());
}

Test(rules, which_programs_fit) {
  const ProgramNames names = {"/usr/lib/jvm/java-17/bin/java", "/usr/local/bin/start-shop"};
  cr_assert(rule_fits("java", names) && rule_fits("start-*", names) && rule_fits("*", names));
  cr_assert(!rule_fits("jav", names) && !rule_fits("bin", names) && !rule_fits("jvm*", names));
  cr_assert(rule_fits("*/jvm/*", names) && rule_fits("/usr/local/bin/*", names));
  cr_assert(!rule_fits("/java", names) && !rule_fits("/usr/bin/java", names));
  cr_assert(rule_fits("relative", {nullptr, "relative"}) &&
            rule_fits("?elative", {nullptr, "./relative"}));
  cr_assert(!rule_fits("*", {nullptr, nullptr}));
}

Test(rules, which_environments_fit) {
  const ProgramNames names = {"/bin/x", "x"};
  setenv("TOOL", "/usr/lib/vgpreload_core.so:b", 1);
  unsetenv("NOTHING");
  cr_assert(rule_fits("$TOOL", names) && rule_fits("$TOOL=*vgpreload_*", names));
  cr_assert(!rule_fits("$TOOL=vgpreload_*", names) && !rule_fits("$NOTHING", names));
  cr_assert(!rule_fits("$NOTHING=*", names) && !rule_fits("$TOO", names));
  cr_assert(!rule_fits(("$" + std::string(200, 'X')).c_str(), names));
}
