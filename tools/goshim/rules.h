// What the rules files say about a program.
#pragma once

#include <string>
#include <vector>

#include "program.h"

namespace tool {

struct FoundRule {
  std::string place;  // FILE:LINE, or what else says so
  std::string text;   // the program's glob and its settings
  std::string why;    // the comment behind them
};

struct Rules {
  std::vector<FoundRule>
      rules;  // of /etc/goshim.conf and the user; a later one holds over an earlier one
  bool is_disabled = false;  // by them or by the environment, as the library will read it
};
Rules rules_for(const Program& program);

// Those that come with goshim, whether installed or not.
std::vector<FoundRule> shipped_rules_for(const Program& program);

}  // namespace tool
