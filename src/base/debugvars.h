// Options: GOSHIM_* variables and the GOSHIM_DEBUG=name=value,... list, each one row of a table in debugvars.cc
// (name, default, range, doc). GOSHIM_DEBUG=help prints both tables. Rules files (rules.h) set the same options for some
// programs. What is said later holds: defaults, /etc/goshim.conf, the user's rules, the environment. By default Go's programs are
// left alone.
//
// Read once, early (before the first hook does anything); constant afterwards. A program with more rights than its caller
// is left alone unless /etc/goshim.conf says disable=0, and then still takes nothing from the environment.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/rules_files.h"

namespace goshim {

enum class NetpollKind : uint8_t { kEpoll, kUring };

struct Options {
  bool disable;         // GOSHIM_DISABLE
  int64_t maxprocs;     // GOSHIM_MAXPROCS, GOMAXPROCS; 0: from affinity and cgroup
  int64_t maxms;        // GOSHIM_MAXMS
  NetpollKind netpoll;  // GOSHIM_NETPOLL
  int64_t stack_size;   // GOSHIM_STACK_SIZE in bytes; 0: as glibc (RLIMIT_STACK)
  bool patch;           // GOSHIM_PATCH
  const char* wire;     // GOSHIM_WIRE: globs with commas between, of names of threads; null: none
  bool trace;           // GOSHIM_TRACE
};
extern Options options;

struct DebugVars {
  int64_t schedtrace;  // print a line about the scheduler every N ms
  int64_t perturb;     // seed for delays and yields at marked windows; 0 off
  int64_t invariants;  // run costly self-checks
  int64_t verbose;     // tell about fallbacks
  int64_t fsgsbase;    // 0: switch %fs by arch_prctl even where wrfsbase exists
  int64_t deadlock;    // report that all threads wait for each other; 2: in programs of the API
  int64_t guard;       // 0: guard pages by mprotect even where MADV_GUARD_INSTALL exists
};
extern DebugVars debug;

// Reads rules and environment, once.
void options_init();

// Sets what the rules of a file say for a program of such names. The text is used up, values may point into it.
void options_apply(const RulesFile& file, const ProgramNames& names);

// What the options make of us; hooks look at it first. Constant after options_init().
enum class Mode : uint8_t { kUnread, kOn, kOff };
[[gnu::visibility("hidden")]] extern Mode hook_mode;

inline bool disabled() {
  if (__builtin_expect(hook_mode == Mode::kUnread, 0)) options_init();
  return hook_mode == Mode::kOff;
}

}  // namespace goshim
