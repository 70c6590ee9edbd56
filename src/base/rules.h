// Rules: which programs goshim leaves alone, and options for others. The text of a rules file, without the reading of
// files (rules_files.h) and without the meaning of settings (debugvars.cc); the goshim command reads the same text with
// this.
//
//   # PROGRAM            SETTING...           # why
//   java                 disable              # signals its threads by their kernel ids
//   */opt/shop/bin/*     maxprocs=4 stack_size=256K
//   $RUNNING_UNDER_RR    disable
//
// PROGRAM is a glob. Without a slash it is for the file's name, with one for its whole path; either the program's file or
// the name it was started by (a script's own) may fit. "$NAME" is for every program with NAME in its environment,
// "$NAME=glob" for those where it has such a value. All rules that fit act, a later one over an earlier one.
#pragma once

#include <stddef.h>

namespace goshim {

struct Rule {
  int line;
  const char* fault;  // why the line is no rule, or null
  char* program;
  char* settings;   // for next_word(): "name" or "name=value" each
  const char* why;  // the comment behind, or ""
};

// Takes a text apart in place. `text[len]` must be there to be written; the rules point into the text.
class RulesText {
 public:
  RulesText(char* text, size_t len);
  bool next(Rule* rule);

 private:
  char* at_;
  char* end_;
  int line_ = 0;
};

// Cuts the next word off the front of *rest and ends it with 0; null when there is none.
char* next_word(char** rest);

struct ProgramNames {
  const char* file;        // what runs, as the kernel says
  const char* started_as;  // what exec was given
};
bool rule_fits(const char* program, const ProgramNames& names);

}  // namespace goshim
