// The rules files of this process: where they are, whether they may be trusted, their text.
#pragma once

#include "base/rules.h"

namespace goshim {

constexpr const char* kSystemRules = "/etc/goshim.conf";
// Longer ones are refused: every process that starts reads them.
constexpr size_t kMaxRules = 32 << 10;

struct RulesFile {
  const char* path;
  char* text;  // text[len] may be written; null: there is no such file, or it is not to be read
  size_t len;
};

RulesFile read_system_rules();
// Of GOSHIM_RULES, or else of the user. Never in a program with more rights than its caller.
RulesFile read_user_rules();

// This process's own names. Good until the end.
ProgramNames program_names();

// The program has more rights than who started it: setuid, setgid, file capabilities, a security module's change. Then
// nothing in the environment is to be trusted.
bool secure_execution();

// The program was built by Go's own compiler: it carries the note that Go's linker leaves. With cgo such a program makes its
// threads by libc, but waits in system calls of its own, where each wait would hold up a P until sysmon sees it; and it
// has a scheduler.
bool is_go_program();
// What it looks for, in the notes of one segment.
bool has_go_note(const char* at, size_t size);

}  // namespace goshim
