// goshim stats PID|CORE: the scheduler's numbers, once.
#include <stdio.h>

#include "command.h"
#include "error.h"
#include "stats.h"

namespace tool {

namespace {

const char* p_state(uint32_t status) {
  static constexpr const char* kNames[] = {"idle", "scheduler", "program", "stopped", "dead"};
  return status < 5 ? kNames[status] : "?";
}

// For JSON and Prometheus alike.
std::string escaped(const std::string& s) {
  std::string out;
  for (const char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= ' ') out += c;
  }
  return out;
}

}  // namespace

std::map<std::string, int64_t> by_state(const Inspector& inspector, const Snapshot& s) {
  std::map<std::string, int64_t> out;
  for (const GInfo& g : s.gs) {
    if (g.kind == GOSHIM_G_FOREIGN) continue;
    out[g.is_waiting() ? inspector.reason(g.reason) : status_name(g)]++;
  }
  return out;
}

namespace {

void print_text(const Target& t, const Inspector& inspector, const Snapshot& s) {
  printf("%-18s %s\n", "program", t.program.c_str());
  printf("%-18s %s, layout %u\n", "libgoshim", inspector.layout().library,
         inspector.layout().version);
  for (const Counter& c : s.counters) printf("%-18s %ld\n", c.name.c_str(), c.value);
  for (const auto& [state, n] : by_state(inspector, s)) {
    printf("%-18s %ld %s\n", "goroutines in", n, state.c_str());
  }
  for (const PInfo& p : s.ps)
    printf("%-18s %s, thread %d, started %u, queued %u, timers %d\n",
           ("P" + std::to_string(p.id)).c_str(), p_state(p.status), p.m, p.schedtick, p.queued,
           p.timers);
}

void print_json(const Target& t, const Inspector& inspector, const Snapshot& s) {
  printf("{\"pid\": %d, \"program\": \"%s\", \"library\": \"%s\", \"started\": %s", t.pid,
         escaped(t.program).c_str(), escaped(inspector.layout().library).c_str(),
         s.started ? "true" : "false");
  for (const Counter& c : s.counters) printf(", \"%s\": %ld", escaped(c.name).c_str(), c.value);
  printf(", \"states\": {");
  const char* comma = "";
  for (const auto& [state, n] : by_state(inspector, s)) {
    printf("%s\"%s\": %ld", comma, escaped(state).c_str(), n);
    comma = ", ";
  }
  printf("}, \"procs\": [");
  comma = "";
  for (const PInfo& p : s.ps) {
    printf(
        "%s{\"id\": %d, \"state\": \"%s\", \"thread\": %d, \"started\": %u, \"queued\": %u, "
        "\"timers\": %d}",
        comma, p.id, p_state(p.status), p.m, p.schedtick, p.queued, p.timers);
    comma = ", ";
  }
  printf("]}\n");
}

void print_prometheus(const Inspector& inspector, const Snapshot& s) {
  for (const Counter& c : s.counters) {
    const std::string name = "goshim_" + c.name + (c.is_gauge ? "" : "_total");
    printf("# TYPE %s %s\n%s %ld\n", name.c_str(), c.is_gauge ? "gauge" : "counter", name.c_str(),
           c.value);
  }
  printf("# TYPE goshim_goroutines_in gauge\n");
  for (const auto& [state, n] : by_state(inspector, s))
    printf("goshim_goroutines_in{state=\"%s\"} %ld\n", escaped(state).c_str(), n);
  printf("# TYPE goshim_proc_started_total counter\n");
  for (const PInfo& p : s.ps) printf("goshim_proc_started_total{p=\"%d\"} %u\n", p.id, p.schedtick);
  printf("# TYPE goshim_proc_queued gauge\n");
  for (const PInfo& p : s.ps) printf("goshim_proc_queued{p=\"%d\"} %u\n", p.id, p.queued);
}

}  // namespace

int stats_main(const Args& args) {
  bool json = false, prometheus = false;
  const Args rest =
      parse_options("stats", args,
                    {{"--json", false, [&](const std::string&) { json = true; }},
                     {"--prometheus", false, [&](const std::string&) { prometheus = true; }}});
  if (json && prometheus) fail("stats: --json or --prometheus, not both");
  Target target = open_target(single("stats", rest, "a process id or a core file"));
  Inspector inspector(target);
  const Snapshot s = inspector.read(kGs | kMs | kPs);
  if (json)
    print_json(target, inspector, s);
  else if (prometheus)
    print_prometheus(inspector, s);
  else
    print_text(target, inspector, s);
  return 0;
}

}  // namespace tool
