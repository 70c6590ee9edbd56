// goshim top PID: the scheduler, live. On a terminal a page that is drawn anew, else plain text.
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "command.h"
#include "error.h"
#include "stats.h"

namespace tool {

namespace {

enum class Sort { kWait, kId, kState };

struct Settings {
  int64_t seconds = 1;
  int64_t count = 0;  // 0: until q, or the process's end
  Sort sort = Sort::kWait;
  std::string filter;
};

Sort parse_sort(const std::string& text) {
  if (text == "wait") return Sort::kWait;
  if (text == "id") return Sort::kId;
  if (text == "state") return Sort::kState;
  fail("top: --sort wait, id or state, not '" + text + "'");
}

// The terminal without line buffering and echo, on its alternate page, until it goes.
class Screen {
 public:
  Screen() {
    is_on_ = isatty(0) == 1 && isatty(1) == 1 && tcgetattr(0, &before_) == 0;
    if (!is_on_) return;
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    tcsetattr(0, TCSANOW, &raw);
    printf("\033[?1049h\033[?25l");
  }
  ~Screen() {
    if (!is_on_) return;
    printf("\033[?25h\033[?1049l");
    fflush(stdout);
    tcsetattr(0, TCSANOW, &before_);
  }
  bool is_on() const { return is_on_; }
  size_t rows() const {
    winsize w = {};
    return ioctl(1, TIOCGWINSZ, &w) == 0 && w.ws_row > 4 ? w.ws_row : 24;
  }
  size_t columns() const {
    winsize w = {};
    return ioctl(1, TIOCGWINSZ, &w) == 0 && w.ws_col > 20 ? w.ws_col : 80;
  }

 private:
  bool is_on_ = false;
  termios before_ = {};
};

volatile sig_atomic_t interrupted;

class Top {
 public:
  Top(Target& target, Settings settings)
      : target_(target), settings_(std::move(settings)), inspector_(target) {}
  int run();

 private:
  std::vector<std::string> page(const Snapshot& s, double seconds, size_t rows);
  void add_gs(std::vector<std::string>* out, const Snapshot& s, size_t rows);
  bool wait(const Screen& screen);
  void key(char c);

  Target& target_;
  Settings settings_;
  Inspector inspector_;
  Snapshot last_;
};

std::string format(const char* f, ...) __attribute__((format(printf, 1, 2)));
std::string format(const char* f, ...) {
  char text[512];
  va_list args;
  va_start(args, f);
  vsnprintf(text, sizeof text, f, args);
  va_end(args);
  return text;
}

int64_t switches(const Snapshot& s) {
  int64_t n = 0;
  for (const PInfo& p : s.ps) n += p.schedtick;
  return n;
}

void Top::add_gs(std::vector<std::string>* out, const Snapshot& s, size_t rows) {
  std::vector<const GInfo*> gs;
  for (const GInfo& g : s.gs) {
    const std::string state = g.is_waiting() ? inspector_.reason(g.reason) : status_name(g);
    if (g.status == GOSHIM_G_DEAD) continue;
    if (!settings_.filter.empty() &&
        (state + " " + g.name).find(settings_.filter) == std::string::npos)
      continue;
    gs.push_back(&g);
  }
  const auto key = [&](const GInfo* g) {
    const int64_t age = g->is_waiting() ? s.now - g->wait_since : 0;
    const int64_t state = g->is_waiting() ? 10 + g->reason : g->status;
    return settings_.sort == Sort::kWait ? std::make_pair(-age, static_cast<int64_t>(g->goid))
           : settings_.sort == Sort::kState
               ? std::make_pair(state, -age)
               : std::make_pair(static_cast<int64_t>(g->goid), int64_t{0});
  };
  std::sort(gs.begin(), gs.end(), [&](const GInfo* a, const GInfo* b) { return key(a) < key(b); });
  out->push_back(format("%8s %-15s %-16s %9s  %s", "ID", "NAME", "STATE", "SINCE", "FOR"));
  for (size_t i = 0; i < gs.size() && out->size() < rows; i++) {
    const GInfo& g = *gs[i];
    const bool waits = g.is_waiting();
    out->push_back(format("%8lu %-15.15s %-16.16s %9s  %s", g.goid, g.name.c_str(),
                          waits ? inspector_.reason(g.reason).c_str() : status_name(g),
                          waits ? duration(std::max<int64_t>(0, s.now - g.wait_since)).c_str() : "",
                          waits ? inspector_.waits_for(g, s).c_str() : ""));
  }
}

std::vector<std::string> Top::page(const Snapshot& s, double seconds, size_t rows) {
  const auto rate = [&](int64_t now, int64_t before) {
    return seconds > 0 ? static_cast<double>(now - before) / seconds : 0.0;
  };
  const auto counter_rate = [&](const char* name) {
    return rate(s.counter(name), seconds > 0 ? last_.counter(name) : 0);
  };
  std::vector<std::string> out;
  out.push_back(format("goshim top: %d %s", target_.pid, target_.program.c_str()));
  out.push_back(
      format("%ld goroutines, %ld threads (%ld idle, %ld spinning), %ld of %ld Ps idle, global "
             "queue %ld%s",
             s.counter("goroutines"), s.counter("threads"), s.counter("idle_threads"),
             s.counter("spinning_threads"), s.counter("idle_procs"), s.counter("maxprocs"),
             s.counter("runqueue"), s.counter("polling") != 0 ? ", in the poller" : ""));
  out.push_back(
      format("per second: %.0f switches, %.0f steals, %.0f hand-offs (%.0f blocked, %.0f unseen, "
             "%.0f hog), %.0f thread wake-ups",
             rate(switches(s), switches(last_)), counter_rate("steals"), counter_rate("handoffs"),
             counter_rate("retakes_blocked"), counter_rate("retakes_unseen"),
             counter_rate("retakes_hog"), counter_rate("thread_wakeups")));
  std::string ps;
  for (size_t i = 0; i < s.ps.size() && i < 16; i++) {
    const PInfo& p = s.ps[i];
    const uint32_t before = i < last_.ps.size() ? last_.ps[i].schedtick : p.schedtick;
    ps += format("%sP%d %.0f/s queue %u", i > 0 ? ", " : "", p.id,
                 rate(static_cast<uint32_t>(p.schedtick - before), 0), p.queued);
  }
  out.push_back(ps);
  std::string states;
  for (const auto& [state, n] : by_state(inspector_, s))
    states += format("%s%ld %s", states.empty() ? "" : ", ", n, state.c_str());
  out.push_back(states);
  out.push_back("");
  add_gs(&out, s, rows);
  return out;
}

void Top::key(char c) {
  if (c == 'w') settings_.sort = Sort::kWait;
  if (c == 'i') settings_.sort = Sort::kId;
  if (c == 's') settings_.sort = Sort::kState;
}

// False: it was told to end.
bool Top::wait(const Screen& screen) {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  int64_t left = settings_.seconds * 1000;
  pollfd in = {0, POLLIN, 0};
  if (poll(screen.is_on() ? &in : nullptr, screen.is_on() ? 1 : 0, static_cast<int>(left)) > 0) {
    char c = 'q';
    if (read(0, &c, 1) <= 0 || c == 'q') return false;
    key(c);
  }
  return interrupted == 0;
}

int Top::run() {
  struct sigaction action = {};
  action.sa_handler = [](int) { interrupted = 1; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  Screen screen;
  for (int64_t round = 0; interrupted == 0; round++) {
    target_.process().forget();
    const int64_t before = last_.now;
    timespec now = {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    target_.now = now.tv_sec * 1000000000LL + now.tv_nsec;
    if (kill(target_.pid, 0) != 0 ||
        !target_.memory->get<uint32_t>(reinterpret_cast<uint64_t>(inspector_.layout().started)))
      break;
    Snapshot s = inspector_.read(kGs | kMs | kPs);
    const double seconds = before != 0 ? static_cast<double>(s.now - before) / 1e9 : 0;
    if (before == 0) last_ = s;
    const size_t rows = screen.is_on() ? screen.rows() - 1 : 40;
    if (screen.is_on()) printf("\033[H");
    for (const std::string& line : page(s, seconds, rows)) {
      if (screen.is_on())
        printf("%.*s\033[K\n", static_cast<int>(screen.columns()), line.c_str());
      else
        printf("%s\n", line.c_str());
    }
    printf(screen.is_on() ? "\033[J" : "\n");
    fflush(stdout);
    last_ = std::move(s);
    if (settings_.count != 0 && round + 1 >= settings_.count) break;
    if (!wait(screen)) break;
  }
  return 0;
}

}  // namespace

int top_main(const Args& args) {
  Settings settings;
  const Args rest = parse_options(
      "top", args,
      {{"-d", true,
        [&](const std::string& v) { settings.seconds = number(v, "top: -d", 1, 3600); }},
       {"-n", true,
        [&](const std::string& v) { settings.count = number(v, "top: -n", 1, 1000000); }},
       {"--sort", true, [&](const std::string& v) { settings.sort = parse_sort(v); }},
       {"--filter", true, [&](const std::string& v) { settings.filter = v; }}});
  Target target = open_process(parse_pid(single("top", rest, "a process id")));
  return Top(target, std::move(settings)).run();
}

}  // namespace tool
