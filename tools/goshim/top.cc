// goshim top PID: the scheduler, live. On a terminal a page that is drawn anew, else plain text.
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "clock.h"
#include "command.h"
#include "cpu_sampler.h"
#include "error.h"
#include "stats.h"

namespace tool {

namespace {

enum class Sort { kSince, kCpu, kWaits, kId, kName, kState };

// As --sort calls them, and as keys.
struct SortRow {
  const char* name;
  char key;
  Sort sort;
};
constexpr SortRow kSorts[] = {
    {"since", 't', Sort::kSince}, {"cpu", 'c', Sort::kCpu},   {"waits", 'w', Sort::kWaits},
    {"id", 'i', Sort::kId},       {"name", 'n', Sort::kName}, {"state", 's', Sort::kState},
};

struct Settings {
  int64_t seconds = 1;
  int64_t count = 0;  // 0: until q, or the process's end
  Sort sort = Sort::kSince;
  std::string filter;
};

Sort parse_sort(const std::string& text) {
  for (const SortRow& row : kSorts)
    if (text == row.name) return row.sort;
  fail("top: --sort since, cpu, waits, id, name or state, not '" + text + "'");
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
      : target_(target),
        settings_(std::move(settings)),
        inspector_(target),
        sampler_(target, inspector_) {}
  int run();

 private:
  // A goroutine, and what it did since the last page.
  struct Row {
    const GInfo* g;
    std::string state;
    int64_t age = -1;   // of its wait
    double cpu = -1;    // percent of one CPU; -1: not known yet
    double waits = -1;  // a second
  };

  std::vector<Row> rows();
  bool is_shown(const Row& r) const;
  double rate(int64_t now, int64_t before) const;
  double counter_rate(const char* name) const;
  std::vector<std::string> page(size_t lines);
  void add_rows(std::vector<std::string>* out, size_t lines);
  std::string help() const;
  bool look();
  void draw(const Screen& screen);
  bool wait(const Screen& screen);
  bool key(char c);

  Target& target_;
  Settings settings_;
  Inspector inspector_;
  CpuSampler sampler_;
  Snapshot before_, now_;
  double seconds_ = 0;                          // between the two
  std::unordered_map<uint64_t, int64_t> used_;  // CPU time, ns
  bool types_filter_ = false;
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

// Of those that were there before.
int64_t waits_since(const Snapshot& before, const Snapshot& s) {
  uint64_t n = 0;
  for (const GInfo& g : s.gs) {
    const auto was = before.by_address.find(g.address);
    if (was != before.by_address.end()) n += g.waits() - before.gs[was->second].waits();
  }
  return static_cast<int64_t>(n);
}

std::vector<Top::Row> Top::rows() {
  std::vector<Row> out;
  for (const GInfo& g : now_.gs) {
    if (g.status == GOSHIM_G_DEAD) continue;
    Row r = {&g, g.is_waiting() ? inspector_.reason(g.reason) : status_name(g)};
    if (g.is_waiting()) r.age = std::max<int64_t>(0, now_.now - g.wait_since);
    if (seconds_ > 0) {
      const auto mine = used_.find(g.address);
      if (sampler_.works())
        r.cpu = mine != used_.end() ? static_cast<double>(mine->second) / 1e7 / seconds_ : 0;
      const auto was = before_.by_address.find(g.address);
      if (was != before_.by_address.end())
        r.waits = rate(static_cast<int64_t>(g.waits()),
                       static_cast<int64_t>(before_.gs[was->second].waits()));
    }
    if (is_shown(r)) out.push_back(std::move(r));
  }
  const auto before = [&](const Row& a, const Row& b) {
    switch (settings_.sort) {
      case Sort::kSince:
        if (a.age != b.age) return a.age > b.age;
        break;
      case Sort::kCpu:
        if (a.cpu != b.cpu) return a.cpu > b.cpu;
        break;
      case Sort::kWaits:
        if (a.waits != b.waits) return a.waits > b.waits;
        break;
      case Sort::kName:
        if (a.g->name != b.g->name) return a.g->name < b.g->name;
        break;
      case Sort::kState:
        if (a.state != b.state) return a.state < b.state;
        if (a.age != b.age) return a.age > b.age;
        break;
      case Sort::kId:
        break;
    }
    return a.g->goid < b.g->goid;
  };
  std::sort(out.begin(), out.end(), before);
  return out;
}

bool Top::is_shown(const Row& r) const {
  return (std::to_string(r.g->goid) + " " + r.g->name + " " + r.state).find(settings_.filter) !=
         std::string::npos;
}

void Top::add_rows(std::vector<std::string>* out, size_t lines) {
  out->push_back(format("%7s %-15s %-14s %8s %5s %8s  %s", "ID", "NAME", "STATE", "SINCE", "CPU%",
                        "WAITS/s", "FOR"));
  const std::vector<Row> all = rows();
  for (size_t i = 0; i < all.size() && out->size() < lines; i++) {
    const Row& r = all[i];
    const auto number = [](double x, const char* f) { return x < 0 ? "" : format(f, x); };
    out->push_back(format("%7lu %-15.15s %-14.14s %8s %5s %8s  %s", r.g->goid, r.g->name.c_str(),
                          r.state.c_str(), r.age < 0 ? "" : duration(r.age).c_str(),
                          number(r.cpu, "%.1f").c_str(), number(r.waits, "%.0f").c_str(),
                          r.age < 0 ? "" : inspector_.waits_for(*r.g, now_).c_str()));
  }
}

std::string Top::help() const {
  if (types_filter_) return "filter: " + settings_.filter + "_";
  std::string out = "sort by";
  for (const SortRow& row : kSorts)
    out += format(" %c:%s%s", row.key, row.name, row.sort == settings_.sort ? "*" : "");
  return out + "  /:filter" + (settings_.filter.empty() ? "" : " \"" + settings_.filter + "\"") +
         "  q:quit";
}

double Top::rate(int64_t now, int64_t before) const {
  return seconds_ > 0 ? static_cast<double>(now - before) / seconds_ : 0;
}

double Top::counter_rate(const char* name) const {
  return rate(now_.counter(name), before_.counter(name));
}

std::vector<std::string> Top::page(size_t lines) {
  const Snapshot& s = now_;
  std::vector<std::string> out;
  out.push_back(format("goshim top: %d %s", target_.pid, target_.program.c_str()));
  out.push_back(
      format("%ld goroutines, %ld threads (%ld idle, %ld spinning), %ld of %ld Ps idle, global "
             "queue %ld%s",
             s.counter("goroutines"), s.counter("threads"), s.counter("idle_threads"),
             s.counter("spinning_threads"), s.counter("idle_procs"), s.counter("maxprocs"),
             s.counter("runqueue"), s.counter("polling") != 0 ? ", in the poller" : ""));
  out.push_back(
      format("per second: %.0f switches, %.0f waits, %.0f steals, %.0f hand-offs (%.0f blocked, "
             "%.0f unseen, %.0f hog), %.0f thread wake-ups, %.0f polls (%.0f ready)",
             rate(switches(s), switches(before_)), rate(waits_since(before_, s), 0),
             counter_rate("steals"), counter_rate("handoffs"), counter_rate("retakes_blocked"),
             counter_rate("retakes_unseen"), counter_rate("retakes_hog"),
             counter_rate("thread_wakeups"), counter_rate("polls"), counter_rate("polled")));
  std::string ps;
  for (size_t i = 0; i < s.ps.size() && i < 16; i++) {
    const PInfo& p = s.ps[i];
    const uint32_t before = i < before_.ps.size() ? before_.ps[i].schedtick : p.schedtick;
    ps += format("%sP%d %.0f/s queue %u", i > 0 ? ", " : "", p.id,
                 rate(static_cast<uint32_t>(p.schedtick - before), 0), p.queued);
  }
  out.push_back(ps);
  std::string states;
  for (const auto& [state, n] : by_state(inspector_, s))
    states += format("%s%ld %s", states.empty() ? "" : ", ", n, state.c_str());
  out.push_back(states);
  out.push_back("");
  add_rows(&out, lines);
  return out;
}

// False: it was told to end.
bool Top::key(char c) {
  if (types_filter_) {
    if (c == '\n' || c == '\r' || c == '\033') {
      types_filter_ = false;
    } else if (c == '\b' || c == 127) {
      if (!settings_.filter.empty()) settings_.filter.pop_back();
    } else if (c >= ' ') {
      settings_.filter += c;
    }
    return true;
  }
  for (const SortRow& row : kSorts)
    if (c == row.key) settings_.sort = row.sort;
  if (c == '/') {
    types_filter_ = true;
    settings_.filter.clear();
  }
  return c != 'q';
}

// Until it is time to look again. False: it was told to end.
bool Top::wait(const Screen& screen) {
  const int64_t until = monotonic() + settings_.seconds * 1000000000;
  while (interrupted == 0 && monotonic() < until) {
    sampler_.sample();
    pollfd in = {0, POLLIN, 0};
    if (poll(&in, screen.is_on() ? 1 : 0, CpuSampler::kEveryMs) <= 0) continue;
    char keys[64];
    const ssize_t n = read(0, keys, sizeof keys);
    if (n <= 0) return false;
    for (ssize_t i = 0; i < n; i++)
      if (!key(keys[i])) return false;
    draw(screen);
  }
  return interrupted == 0;
}

// False: the process is gone.
bool Top::look() {
  target_.process().forget();
  target_.now = monotonic();
  if (kill(target_.pid, 0) != 0 ||
      !target_.memory->get<uint32_t>(reinterpret_cast<uint64_t>(inspector_.layout().started)))
    return false;
  Snapshot s = inspector_.read(kGs | kMs | kPs);
  const bool is_first = now_.now == 0;
  before_ = std::exchange(now_, std::move(s));
  if (is_first) before_ = now_;
  seconds_ = static_cast<double>(now_.now - before_.now) / 1e9;
  sampler_.sample();
  sampler_.follow(now_.ms);
  used_ = sampler_.take();
  return true;
}

void Top::draw(const Screen& screen) {
  if (!screen.is_on()) {
    for (const std::string& line : page(40)) printf("%s\n", line.c_str());
    printf("\n");
  } else {
    const int columns = static_cast<int>(screen.columns());
    printf("\033[H");
    for (const std::string& line : page(screen.rows() - 2))
      printf("%.*s\033[K\n", columns, line.c_str());
    printf("\033[J%.*s", columns, help().c_str());
  }
  fflush(stdout);
}

int Top::run() {
  struct sigaction action = {};
  action.sa_handler = [](int) { interrupted = 1; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  Screen screen;
  for (int64_t round = 0; interrupted == 0; round++) {
    if (!look()) break;
    draw(screen);
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
