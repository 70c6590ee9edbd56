#include "base/debugvars.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

namespace goshim {

constinit Options options = {false, 0, 10000, NetpollKind::kEpoll, 0, true, nullptr, false};
constinit DebugVars debug = {0, 0, 0, 0, 1, 1};
constinit bool options_ready = false;

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
    {"guard", &DebugVars::guard, 1, "0: guard pages by mprotect, not MADV_GUARD_INSTALL"},
};

struct EnvRow {
  const char* name;
  const char* value;  // default, as text
  const char* doc;
};

constexpr EnvRow kEnvRows[] = {
    {"GOSHIM_DISABLE", "0", "1: behave as if not loaded"},
    {"GOSHIM_MAXPROCS", "cpus",
     "how many threads run at once (1..1024); GOMAXPROCS is the second choice"},
    {"GOSHIM_MAXMS", "10000", "at most this many kernel threads (4..1000000)"},
    {"GOSHIM_NETPOLL", "epoll", "epoll or uring"},
    {"GOSHIM_STACK_SIZE", "RLIMIT_STACK",
     "default stack of a thread, bytes or with K, M, G (16K..1G)"},
    {"GOSHIM_PATCH", "1", "0: do not redirect libc's internal blocking calls"},
    {"GOSHIM_WIRE", "", "threads with such names (globs, comma-separated) stay kernel threads"},
    {"GOSHIM_TRACE", "0", "1: record events from the start (goshim trace reads them)"},
    {"GOSHIM_DEBUG", "", "comma-separated name=value, see below; help prints this"},
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

void read_number(const char* name, bool suffix, int64_t min, int64_t max, int64_t* field) {
  const char* s = getenv(name);
  if (s == nullptr || *s == 0) return;
  if (!parse_number(s, strlen(s), suffix, min, max, field)) {
    Log() << name << "=" << s << " is not a number from " << min << " to " << max
          << ", using the default";
  }
}

void read_bool(const char* name, bool* field) {
  int64_t v = *field ? 1 : 0;
  read_number(name, false, 0, 1, &v);
  *field = v != 0;
}

void read_netpoll() {
  const char* s = getenv("GOSHIM_NETPOLL");
  if (s == nullptr || *s == 0) return;
  if (strcmp(s, "epoll") == 0) {
    options.netpoll = NetpollKind::kEpoll;
  } else if (strcmp(s, "uring") == 0) {
    options.netpoll = NetpollKind::kUring;
  } else {
    Log() << "GOSHIM_NETPOLL=" << s << " is neither epoll nor uring, using epoll";
  }
}

void print_help() {
  for (const EnvRow& r : kEnvRows) Log() << r.name << " (default " << r.value << "): " << r.doc;
  for (const DebugRow& r : kDebugRows) {
    Log() << "GOSHIM_DEBUG=" << r.name << "=N (default " << debug.*r.field << "): " << r.doc;
  }
}

void read_debug_item(const char* item, size_t len) {
  size_t name_len = 0;
  while (name_len < len && item[name_len] != '=') name_len++;
  for (const DebugRow& r : kDebugRows) {
    if (strlen(r.name) != name_len || memcmp(r.name, item, name_len) != 0) continue;
    if (name_len == len) {
      debug.*r.field = 1;
      return;
    }
    const char* value = item + name_len + 1;
    if (!parse_number(value, len - name_len - 1, false, 0, r.max, &(debug.*r.field))) {
      Log() << "GOSHIM_DEBUG: " << r.name << " wants a number from 0 to " << r.max
            << ", using the default";
    }
    return;
  }
  char name[40];
  size_t n = len < sizeof name - 1 ? len : sizeof name - 1;
  memcpy(name, item, n);
  name[n] = 0;
  Log() << "GOSHIM_DEBUG: unknown item " << name << " (GOSHIM_DEBUG=help lists them)";
}

void read_debug() {
  const char* s = getenv("GOSHIM_DEBUG");
  if (s == nullptr) return;
  if (strcmp(s, "help") == 0) {
    print_help();
    return;
  }
  while (*s != 0) {
    const char* comma = strchrnul(s, ',');
    if (comma != s) read_debug_item(s, static_cast<size_t>(comma - s));
    s = *comma != 0 ? comma + 1 : comma;
  }
}

}  // namespace

void options_init() {
  if (options_ready) return;
  options_ready = true;  // first: a hook called from getenv must not come back here
  read_bool("GOSHIM_DISABLE", &options.disable);
  if (options.disable) return;
  read_number("GOMAXPROCS", false, 1, 1024, &options.maxprocs);
  read_number("GOSHIM_MAXPROCS", false, 1, 1024, &options.maxprocs);
  read_number("GOSHIM_MAXMS", false, 4, 1000000, &options.maxms);
  read_number("GOSHIM_STACK_SIZE", true, 16 << 10, 1 << 30, &options.stack_size);
  read_bool("GOSHIM_PATCH", &options.patch);
  const char* wire = getenv("GOSHIM_WIRE");
  if (wire != nullptr && *wire != 0) options.wire = wire;
  read_bool("GOSHIM_TRACE", &options.trace);
  read_netpoll();
  read_debug();
}

}  // namespace goshim
