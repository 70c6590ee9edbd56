#include "rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/rules_files.h"
#include "shipped_rules.h"

namespace tool {

namespace {

struct Names {
  explicit Names(const Program& program) {
    char* path = realpath(program.path.c_str(), nullptr);
    file = path != nullptr ? path : program.path;
    free(path);
    started_as = program.script.empty() ? program.path : program.script;
  }
  goshim::ProgramNames get() const { return {file.c_str(), started_as.c_str()}; }
  std::string file, started_as;
};

// The library does more to understand settings; of what it would refuse, nothing looks like these.
void note_disable(const std::string& setting, bool* is_disabled) {
  if (setting == "disable" || setting == "disable=1") *is_disabled = true;
  if (setting == "disable=0") *is_disabled = false;
}

void find(const goshim::RulesFile& file, const Names& names, Rules* out) {
  goshim::Rule rule;
  for (goshim::RulesText text(file.text, file.len); text.next(&rule);) {
    if (rule.fault != nullptr || !goshim::rule_fits(rule.program, names.get())) continue;
    FoundRule found = {std::string(file.path) + ":" + std::to_string(rule.line), rule.program,
                       rule.why};
    while (const char* word = goshim::next_word(&rule.settings)) {
      found.text += std::string(" ") + word;
      note_disable(word, &out->is_disabled);
    }
    out->rules.push_back(found);
  }
}

}  // namespace

Rules rules_for(const Program& program) {
  const Names names(program);
  Rules out;
  if (program.is_go) {
    out.is_disabled = true;
    out.rules.push_back(
        {"the build ID of Go's linker", "disable", "it has a scheduler of its own"});
  }
  find(goshim::read_system_rules(), names, &out);
  find(goshim::read_user_rules(), names, &out);
  if (const char* told = getenv("GOSHIM_DISABLE"); told != nullptr && *told != 0)
    out.is_disabled = strcmp(told, "0") != 0;
  return out;
}

std::vector<FoundRule> shipped_rules_for(const Program& program) {
  std::string text = kShippedRules;
  Rules out;
  find({"shipped rules", text.data(), text.size()}, Names(program), &out);
  return out.rules;
}

}  // namespace tool
