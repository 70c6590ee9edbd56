#include "base/debugvars.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

namespace goshim {

constinit Options options = {false, 0, 10000, NetpollKind::kEpoll, 0, true, nullptr, false};
constinit DebugVars debug = {0, 0, 0, 0, 1, 2, 1};
constinit Mode hook_mode = Mode::kUnread;

namespace {

struct DebugRow {
  const char* name;
  int64_t DebugVars::*field;
  int64_t max;
  const char* doc;
};

constexpr DebugRow kDebugRows[] = {
    {"schedtrace", &DebugVars::schedtrace, 3600000, "print a scheduler line every N ms"},
    {"perturb", &DebugVars::perturb, INT64_MAX, "seed: delay or yield at marked race windows"},
    {"invariants", &DebugVars::invariants, 1, "run costly self-checks"},
    {"verbose", &DebugVars::verbose, 1, "tell about fallbacks taken"},
    {"fsgsbase", &DebugVars::fsgsbase, 1, "0: switch %fs by arch_prctl, not wrfsbase"},
    {"deadlock", &DebugVars::deadlock, 2,
     "1: end when all threads wait for each other; 0: never; 2: only programs linked with the "
     "library"},
    {"guard", &DebugVars::guard, 1, "0: guard pages by mprotect, not MADV_GUARD_INSTALL"},
};

enum class Kind : uint8_t { kFlag, kNumber, kSize, kNetpoll, kNames, kDebug };

struct OptionRow {
  const char* name;  // of the variable; in a rules file without GOSHIM_ and in lower case
  Kind kind;
  union {
    bool* flag;
    int64_t* number;
  };
  int64_t min, max;
  const char* value;  // default, as text
  const char* doc;
};

constexpr OptionRow flag(const char* name, bool* field, const char* value, const char* doc) {
  return {name, Kind::kFlag, {.flag = field}, 0, 1, value, doc};
}
constexpr OptionRow number(const char* name, Kind kind, int64_t* field, int64_t min, int64_t max,
                           const char* value, const char* doc) {
  return {name, kind, {.number = field}, min, max, value, doc};
}
constexpr OptionRow other(const char* name, Kind kind, const char* value, const char* doc) {
  return {name, kind, {.flag = nullptr}, 0, 0, value, doc};
}

constexpr size_t kPrefix = 7;  // of "GOSHIM_"

constexpr OptionRow kDisable =
    flag("GOSHIM_DISABLE", &options.disable, "0", "1: behave as if not loaded");
constexpr OptionRow kGoMaxprocs =
    number("GOMAXPROCS", Kind::kNumber, &options.maxprocs, 1, 1024, "", "");
constexpr OptionRow kRows[] = {
    kDisable,
    number("GOSHIM_MAXPROCS", Kind::kNumber, &options.maxprocs, 1, 1024, "cpus",
           "how many threads run at once (1..1024); GOMAXPROCS is the second choice"),
    number("GOSHIM_MAXMS", Kind::kNumber, &options.maxms, 4, 1000000, "10000",
           "at most this many kernel threads (4..1000000), unless all are blocked"),
    other("GOSHIM_NETPOLL", Kind::kNetpoll, "epoll", "epoll or uring"),
    number("GOSHIM_STACK_SIZE", Kind::kSize, &options.stack_size, 16 << 10, 1 << 30, "RLIMIT_STACK",
           "default stack of a thread, bytes or with K, M, G (16K..1G)"),
    flag("GOSHIM_PATCH", &options.patch, "1", "0: do not redirect libc's internal blocking calls"),
    other("GOSHIM_WIRE", Kind::kNames, "",
          "threads with such names (globs, comma-separated) stay kernel threads"),
    flag("GOSHIM_TRACE", &options.trace, "0",
         "1: record events from the start (goshim trace reads them)"),
    other("GOSHIM_DEBUG", Kind::kDebug, "",
          "comma-separated name=value, see below; help prints this"),
};

// "123", "64K", "8M", "1G" -> value. False if s is not entirely a number in range.
bool parse_number(const char* s, size_t len, bool suffix, int64_t min, int64_t max, int64_t* out) {
  int64_t v = 0;
  size_t i = 0;
  for (; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
    if (v > (INT64_MAX - 9) / 10) return false;
    v = v * 10 + (s[i] - '0');
  }
  if (i == 0) return false;
  if (suffix && i + 1 == len) {
    int shift = 0;
    switch (s[i] | 0x20) {
      case 'k':
        shift = 10;
        break;
      case 'm':
        shift = 20;
        break;
      case 'g':
        shift = 30;
        break;
      default:
        return false;
    }
    if (v > (INT64_MAX >> shift)) return false;
    v <<= shift;
    i++;
  }
  if (i != len || v < min || v > max) return false;
  *out = v;
  return true;
}

// Where a value was found.
struct Place {
  const char* file;  // null: the environment
  int line;
  const char* name;
  bool
      quiet;  // of a file's bad lines the first is told; who edits it sees the rest then, who starts a program need not
};
Log& operator<<(Log& log, const Place& at) {
  if (at.file != nullptr) log << at.file << ":" << at.line << ": ";
  return log << at.name;
}

void print_help() {
  for (const OptionRow& r : kRows) Log() << r.name << " (default " << r.value << "): " << r.doc;
  Log()
      << "GOSHIM_RULES (default ~/.config/goshim/rules): a file that sets these for some programs";
  for (const DebugRow& r : kDebugRows) {
    Log() << "GOSHIM_DEBUG=" << r.name << "=N (default " << debug.*r.field << "): " << r.doc;
  }
}

// Said once if it is not good; then false.
bool set_debug_item(const Place& at, const char* item, size_t len) {
  size_t name_len = 0;
  while (name_len < len && item[name_len] != '=') name_len++;
  for (const DebugRow& r : kDebugRows) {
    if (strlen(r.name) != name_len || memcmp(r.name, item, name_len) != 0) continue;
    if (name_len == len) {
      debug.*r.field = 1;
      return true;
    }
    const char* value = item + name_len + 1;
    if (parse_number(value, len - name_len - 1, false, 0, r.max, &(debug.*r.field))) return true;
    if (at.quiet) return false;
    Log log;
    log << at << ": " << r.name << " wants a number from 0 to " << r.max << ", ignored";
    return false;
  }
  if (at.quiet) return false;
  char name[40];
  const size_t n = len < sizeof name - 1 ? len : sizeof name - 1;
  memcpy(name, item, n);
  name[n] = 0;
  Log log;
  log << at << ": unknown item " << name << " (GOSHIM_DEBUG=help lists them)";
  return false;
}

bool set_debug(const Place& at, const char* s) {
  if (strcmp(s, "help") == 0 && at.file == nullptr) {
    print_help();
    return true;
  }
  bool good = true;
  while (*s != 0) {
    const char* comma = strchrnul(s, ',');
    if (comma != s) good &= set_debug_item(at, s, static_cast<size_t>(comma - s));
    s = *comma != 0 ? comma + 1 : comma;
  }
  return good;
}

bool set_netpoll(const char* value) {
  const bool is_uring = strcmp(value, "uring") == 0;
  if (!is_uring && strcmp(value, "epoll") != 0) return false;
  options.netpoll = is_uring ? NetpollKind::kUring : NetpollKind::kEpoll;
  return true;
}

bool set_number(const OptionRow& row, const char* value, int64_t* field) {
  return parse_number(value, strlen(value), row.kind == Kind::kSize, row.min, row.max, field);
}

bool set_flag(const OptionRow& row, const char* value) {
  int64_t v = 0;
  if (!set_number(row, value, &v)) return false;
  *row.flag = v != 0;
  return true;
}

bool set_quietly(const OptionRow& row, const char* value) {
  switch (row.kind) {
    case Kind::kFlag:
      return set_flag(row, value);
    case Kind::kNumber:
    case Kind::kSize:
      return set_number(row, value, row.number);
    case Kind::kNetpoll:
      return set_netpoll(value);
    case Kind::kNames:
      options.wire = value;
      return true;
    case Kind::kDebug:
      break;
  }
  return false;
}

// The same for any option.
bool set(const OptionRow& row, const Place& at, const char* value) {
  if (row.kind == Kind::kDebug) return set_debug(at, value);
  if (set_quietly(row, value)) return true;
  if (at.quiet) return false;
  Log log;
  log << at << "=" << value;
  if (row.kind == Kind::kNetpoll)
    log << " is neither epoll nor uring, ignored";
  else
    log << " is not a number from " << row.min << " to " << row.max << ", ignored";
  return false;
}

// True if it says something, and something good.
bool set_from_environment(const OptionRow& row) {
  const char* value = getenv(row.name);
  return value != nullptr && *value != 0 && set(row, {nullptr, 0, row.name, false}, value);
}

// A row by its name in a rules file.
const OptionRow* find_setting(const char* name) {
  for (const OptionRow& r : kRows) {
    const char* variable = r.name + kPrefix;
    size_t i = 0;
    for (; variable[i] != 0; i++) {
      const char c = variable[i];
      if (name[i] != (c >= 'A' && c <= 'Z' ? c | 0x20 : c)) break;
    }
    if (variable[i] == 0 && name[i] == 0) return &r;
  }
  return nullptr;
}

bool set_from_rule(Place at, char* word) {
  char* equals = strchrnul(word, '=');
  const bool has_value = *equals != 0;
  *equals = 0;
  at.name = word;
  const OptionRow* row = find_setting(word);
  if (row != nullptr)
    return set(*row, at, has_value ? equals + 1 : row->kind == Kind::kFlag ? "1" : "");
  if (at.quiet) return false;
  Log log;
  log << at << " is no option";
  return false;
}

}  // namespace

void options_apply(const RulesFile& file, const ProgramNames& names) {
  bool is_good = true;
  Rule rule;
  for (RulesText text(file.text, file.len); text.next(&rule);) {
    if (rule.fault != nullptr) {
      if (is_good) Log() << file.path << ":" << rule.line << ": " << rule.fault;
      is_good = false;
      continue;
    }
    const Options other_options = options;
    const DebugVars other_debug = debug;
    while (char* word = next_word(&rule.settings))
      is_good &= set_from_rule({file.path, rule.line, "", !is_good}, word);
    // Rules for other programs are read for their faults only.
    if (!rule_fits(rule.program, names)) {
      options = other_options;
      debug = other_debug;
    }
  }
}

namespace {

void read_rules_files() {
  const RulesFile system = read_system_rules();
  const RulesFile user = read_user_rules();
  if (system.len == 0 && user.len == 0) return;
  const ProgramNames names = program_names();
  options_apply(system, names);
  options_apply(user, names);
}

// Everything, by precedence.
void read_all() {
  if (secure_execution()) {
    options.disable = true;
    read_rules_files();
    return;
  }
  const bool is_told = set_from_environment(kDisable);
  if (options.disable) return;
  options.disable = is_go_program();
  read_rules_files();
  if (is_told) options.disable = false;
  if (options.disable) return;
  set_from_environment(kGoMaxprocs);
  for (const OptionRow& r : kRows) {
    if (&r != &kRows[0]) set_from_environment(r);
  }
}

}  // namespace

void options_init() {
  if (hook_mode != Mode::kUnread) return;
  hook_mode = Mode::kOn;  // first: a hook called from getenv must not come back here
  read_all();
  if (options.disable) hook_mode = Mode::kOff;
}

}  // namespace goshim
