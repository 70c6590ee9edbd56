// The trace event format: a track for each P, each goroutine and each thread. Slices are complete events ("X"), what
// makes another goroutine runnable is a flow from the slice of the one to the start of the other. Each event has all that
// Chrome's have (ts, cat, args), ids are strings: Perfetto does without, stricter readers need not.
#include "trace_json.h"

#include <string.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <vector>

#include "error.h"
#include "goshim/layout.h"
#include "goshim/trace_format.h"

namespace tool {

namespace {

constexpr int kPs = 1, kGs = 2, kMs = 3;  // "processes" of the viewer

// What an event is without its name: a time of a recording whose clock is nonsense has forty digits.
constexpr size_t kText = 256;

struct Event {
  uint64_t tsc;
  int32_t m;
  uint8_t kind;
  uint64_t goid, arg;
};

std::string quoted(const std::string& s) {
  std::string out = "\"";
  for (const char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    const auto u = static_cast<unsigned char>(c);
    out += u >= ' ' && u < 127 ? c : '?';
  }
  return out + '"';
}

class Converter {
 public:
  explicit Converter(FILE* to) : to_(to) {}
  bool load(const Bytes& trace, std::string* why);
  void run();

 private:
  struct Slice {
    bool open = false;
    double since = 0;
    std::string name, detail;
  };
  struct GState {
    Slice slice;
    int32_t p = -1;
    bool is_known = false;  // some event was about it
    uint64_t woken_by = 0;  // the G that made it runnable
    double woken_at = 0;
  };

  void load_block(const goshim_trace_block& b, const char* data);
  double us(uint64_t tsc) const {
    return static_cast<double>(static_cast<int64_t>(tsc - first_)) * us_per_tick_;
  }
  std::string g_name(uint64_t goid) const;
  std::string reason(uint64_t arg) const;

  void item(const std::string& text);
  void begin(Slice* s, double at, std::string name, std::string detail = "");
  void end(Slice* s, double at, int pid, uint64_t tid);
  void instant(double at, int pid, uint64_t tid, const std::string& name,
               const std::string& detail);
  void flow(char phase, double at, uint64_t tid, uint64_t id);

  void handle(const Event& e);
  GState& state(uint64_t goid, bool runs);
  void stop_running(const Event& e, double at);
  void lose_p(int32_t p, double at);
  void go_start(const Event& e, double at);
  void go_ready(const Event& e, double at, bool is_new);
  void finish();
  void name_tracks();

  FILE* to_;
  bool any_ = false;
  std::vector<Event> events_;
  std::map<uint64_t, std::string> names_;
  std::vector<goshim_wait_reason> reasons_;
  uint64_t first_ = 0, lost_ = 0, flows_ = 0;
  double us_per_tick_ = 0;
  double last_ = 0;
  std::map<int32_t, Slice> ps_, ms_;
  std::map<int32_t, uint64_t> on_p_, on_m_;  // the G that runs there
  std::map<uint64_t, GState> gs_;
};

void Converter::load_block(const goshim_trace_block& b, const char* data) {
  lost_ += b.lost;
  if (b.type == GOSHIM_TRACE_BLOCK_RECORDS) {
    for (uint64_t i = 0; i + sizeof(goshim_trace_record) <= b.size;
         i += sizeof(goshim_trace_record)) {
      goshim_trace_record r;
      memcpy(&r, data + i, sizeof r);
      events_.push_back({r.tsc, b.id, static_cast<uint8_t>(r.what), r.what >> 8, r.arg});
    }
  } else if (b.type == GOSHIM_TRACE_BLOCK_NAMES) {
    for (uint64_t i = 0; i + sizeof(goshim_trace_name) <= b.size; i += sizeof(goshim_trace_name)) {
      goshim_trace_name n;
      memcpy(&n, data + i, sizeof n);
      names_[n.goid] = std::string(n.name, strnlen(n.name, sizeof n.name));
    }
  } else if (b.type == GOSHIM_TRACE_BLOCK_REASONS) {
    reasons_.resize(std::min<uint64_t>(b.size / sizeof reasons_[0], 256));
    for (size_t i = 0; i < reasons_.size(); i++) {
      memcpy(&reasons_[i], data + i * sizeof reasons_[0], sizeof reasons_[0]);
      reasons_[i].name[sizeof reasons_[i].name - 1] = 0;
    }
  }
}

bool Converter::load(const Bytes& trace, std::string* why) {
  const auto h = trace.get<goshim_trace_header>(0);
  if (!h || memcmp(h->magic, GOSHIM_TRACE_MAGIC, sizeof h->magic) != 0) {
    *why = "not a recording of goshim trace";
    return false;
  }
  if (h->version != GOSHIM_TRACE_VERSION || h->record_size != sizeof(goshim_trace_record)) {
    *why = "a recording of version " + std::to_string(h->version) + ", this tool knows " +
           std::to_string(GOSHIM_TRACE_VERSION);
    return false;
  }
  for (uint64_t at = sizeof *h; trace.has(at, sizeof(goshim_trace_block));) {
    auto b = *trace.get<goshim_trace_block>(at);
    at += sizeof b;
    const uint64_t left = trace.size() - at;
    if (b.size > left) b.size = left;  // cut off
    load_block(b, trace.at(at, b.size));
    at += b.size;
  }
  std::stable_sort(events_.begin(), events_.end(),
                   [](const Event& a, const Event& b) { return a.tsc < b.tsc; });
  first_ = events_.empty() ? 0 : events_[0].tsc;
  // 2.5 GHz where the recorder could not take the second time.
  us_per_tick_ = 0.0004;
  if (h->tsc[1] > h->tsc[0] && h->ns[1] > h->ns[0])
    us_per_tick_ =
        static_cast<double>(h->ns[1] - h->ns[0]) / 1e3 / static_cast<double>(h->tsc[1] - h->tsc[0]);
  return true;
}

std::string Converter::g_name(uint64_t goid) const {
  const auto found = names_.find(goid);
  const std::string id = "G" + std::to_string(goid);
  return found == names_.end() || found->second.empty() ? id : id + " " + found->second;
}

std::string Converter::reason(uint64_t arg) const {
  const uint64_t r = arg & 255, on = arg >> 8;
  if (r >= reasons_.size()) return "waiting";
  char text[64] = "";
  const uint32_t kind = reasons_[r].on;
  if (kind == GOSHIM_ON_FD)
    snprintf(text, sizeof text, " (fd %lu)", on);
  else if (kind == GOSHIM_ON_MUTEX || kind == GOSHIM_ON_RWLOCK || kind == GOSHIM_ON_ADDRESS)
    snprintf(text, sizeof text, " (0x%lx)", on);
  return reasons_[r].name + std::string(text);
}

void Converter::item(const std::string& text) {
  fprintf(to_, "%s%s", any_ ? ",\n" : "", text.c_str());
  any_ = true;
}

void Converter::begin(Slice* s, double at, std::string name, std::string detail) {
  s->open = true;
  s->since = at;
  s->name = std::move(name);
  s->detail = std::move(detail);
}

void Converter::end(Slice* s, double at, int pid, uint64_t tid) {
  if (!s->open) return;
  s->open = false;
  char text[kText];
  snprintf(text, sizeof text,
           "{\"ph\": \"X\", \"pid\": %d, \"tid\": %lu, \"ts\": %.3f, \"dur\": %.3f, \"cat\": "
           "\"sched\", \"name\": ",
           pid, tid, s->since, std::max(0.0, at - s->since));
  item(text + quoted(s->name) + ", \"args\": {" +
       (s->detail.empty() ? "" : "\"on\": " + quoted(s->detail)) + "}}");
}

void Converter::instant(double at, int pid, uint64_t tid, const std::string& name,
                        const std::string& detail) {
  char text[kText];
  snprintf(text, sizeof text,
           "{\"ph\": \"i\", \"s\": \"t\", \"pid\": %d, \"tid\": %lu, \"ts\": %.3f, \"cat\": "
           "\"sched\", \"name\": ",
           pid, tid, at);
  item(text + quoted(name) + ", \"args\": {\"what\": " + quoted(detail) + "}}");
}

void Converter::flow(char phase, double at, uint64_t tid, uint64_t id) {
  char text[kText];
  snprintf(text, sizeof text,
           "{\"ph\": \"%c\", \"pid\": %d, \"tid\": %lu, \"ts\": %.3f, \"id\": \"%lu\", \"cat\": "
           "\"ready\", \"name\": \"ready\", \"args\": {}%s}",
           phase, kGs, tid, at, id, phase == 'f' ? ", \"bp\": \"e\"" : "");
  item(text);
}

// What is known of a G. One that is first heard of when it stops has run since before the recording.
Converter::GState& Converter::state(uint64_t goid, bool runs) {
  GState& g = gs_[goid];
  if (!g.is_known && runs) begin(&g.slice, 0, "running");
  g.is_known = true;
  return g;
}

// The G that e is about leaves its M and its P.
void Converter::stop_running(const Event& e, double at) {
  GState& g = state(e.goid, true);
  end(&g.slice, at, kGs, e.goid);
  if (g.p >= 0 && on_p_[g.p] == e.goid) {
    end(&ps_[g.p], at, kPs, static_cast<uint64_t>(g.p));
    on_p_[g.p] = 0;
  }
  if (on_m_[e.m] == e.goid) {
    end(&ms_[e.m], at, kMs, static_cast<uint64_t>(e.m));
    on_m_[e.m] = 0;
  }
  g.p = -1;
}

// The G that runs on the P goes on without it.
void Converter::lose_p(int32_t p, double at) {
  end(&ps_[p], at, kPs, static_cast<uint64_t>(static_cast<uint32_t>(p)));
  const uint64_t goid = on_p_[p];
  on_p_[p] = 0;
  if (goid == 0) return;
  GState& g = gs_[goid];
  g.p = -1;
  if (!g.slice.open) return;
  const std::string on = g.slice.detail;
  end(&g.slice, at, kGs, goid);
  begin(&g.slice, at, "running without a P", on);
}

void Converter::go_start(const Event& e, double at) {
  GState& g = state(e.goid, false);
  end(&g.slice, at, kGs, e.goid);
  const auto p = static_cast<int32_t>(e.arg);
  const bool has_p = p >= 0 && p < 1024;
  g.p = has_p ? p : -1;
  begin(&g.slice, at, has_p ? "running on P" + std::to_string(p) : "running without a P",
        "M" + std::to_string(e.m));
  if (has_p) {
    end(&ps_[p], at, kPs, static_cast<uint64_t>(p));
    begin(&ps_[p], at, g_name(e.goid), "M" + std::to_string(e.m));
    on_p_[p] = e.goid;
  }
  if (g.woken_by != 0) {
    flow('s', g.woken_at, g.woken_by, ++flows_);
    flow('f', at, e.goid, flows_);
  }
  g.woken_by = 0;
  if (e.m != 0) {
    end(&ms_[e.m], at, kMs, static_cast<uint64_t>(e.m));
    begin(&ms_[e.m], at, g_name(e.goid));
    on_m_[e.m] = e.goid;
  }
}

void Converter::go_ready(const Event& e, double at, bool is_new) {
  GState& g = state(e.goid, false);
  end(&g.slice, at, kGs, e.goid);
  begin(&g.slice, at, is_new ? "runnable, new" : "runnable");
  // Who made it runnable is what runs on this M; timers and the poller are nobody.
  const auto waker = on_m_.find(e.m);
  g.woken_by = waker != on_m_.end() && waker->second != e.goid ? waker->second : 0;
  g.woken_at = at;
}

void Converter::handle(const Event& e) {
  const double at = us(e.tsc);
  last_ = std::max(last_, at);
  const auto low = static_cast<int32_t>(e.arg), high = static_cast<int32_t>(e.arg >> 32);
  const auto m = static_cast<uint64_t>(static_cast<uint32_t>(e.m));
  Slice& thread = ms_[e.m];
  const auto p_track = static_cast<uint64_t>(static_cast<uint32_t>(low));
  switch (e.kind) {
    case GOSHIM_TRACE_go_create:
      go_ready(e, at, true);
      break;
    case GOSHIM_TRACE_go_ready:
      // newproc's create is followed by a ready.
      if (!(gs_[e.goid].slice.open && gs_[e.goid].slice.name == "runnable, new"))
        go_ready(e, at, false);
      break;
    case GOSHIM_TRACE_go_start:
      go_start(e, at);
      break;
    case GOSHIM_TRACE_go_park:
      stop_running(e, at);
      begin(&gs_[e.goid].slice, at, reason(e.arg));
      break;
    case GOSHIM_TRACE_go_yield:
    case GOSHIM_TRACE_go_lost_p:
      stop_running(e, at);
      begin(&gs_[e.goid].slice, at,
            e.kind == GOSHIM_TRACE_go_yield ? "runnable, yielded" : "runnable, lost its P");
      break;
    case GOSHIM_TRACE_go_end:
      stop_running(e, at);
      break;
    case GOSHIM_TRACE_p_handoff:
      instant(at, kPs, p_track, "hand-off",
              on_m_[e.m] != 0 ? "by " + g_name(on_m_[e.m]) : "by sysmon");
      lose_p(low, at);
      break;
    case GOSHIM_TRACE_p_retake: {
      static constexpr const char* kCauses[] = {
          "a G computes for long", "in a declared blocking call", "asleep in the kernel"};
      instant(at, kPs, p_track, "retake",
              std::string(high >= 0 && high < 3 ? kCauses[high] : "?") +
                  (on_p_[low] != 0 ? ": " + g_name(on_p_[low]) : ""));
      lose_p(low, at);
      break;
    }
    case GOSHIM_TRACE_p_steal:
      instant(at, kPs, p_track, "steal",
              "from P" + std::to_string(high) + ", runs " + g_name(e.goid));
      break;
    case GOSHIM_TRACE_m_start:
      instant(at, kMs, m, "thread starts", "tid " + std::to_string(low));
      break;
    case GOSHIM_TRACE_m_park:
    case GOSHIM_TRACE_m_poll:
      end(&thread, at, kMs, m);
      begin(&thread, at, e.kind == GOSHIM_TRACE_m_park ? "asleep" : "in the poller");
      break;
    case GOSHIM_TRACE_m_unpark:
    case GOSHIM_TRACE_m_polled:
      end(&thread, at, kMs, m);
      break;
    default:
      break;
  }
}

void Converter::name_tracks() {
  const auto name = [&](const char* what, int pid, uint64_t tid, const std::string& text) {
    item("{\"ph\": \"M\", \"cat\": \"__metadata\", \"ts\": 0, \"pid\": " + std::to_string(pid) +
         ", \"tid\": " + std::to_string(tid) + ", \"name\": \"" + what +
         "\", \"args\": {\"name\": " + quoted(text) + "}}");
  };
  name("process_name", kPs, 0, "Ps");
  name("process_name", kGs, 0, "goroutines");
  name("process_name", kMs, 0, "threads");
  for (const auto& [p, slice] : ps_)
    name("thread_name", kPs, static_cast<uint64_t>(p), "P" + std::to_string(p));
  for (const auto& [goid, g] : gs_) name("thread_name", kGs, goid, g_name(goid));
  for (const auto& [m, slice] : ms_) {
    if (m != 0)
      name("thread_name", kMs, static_cast<uint64_t>(static_cast<uint32_t>(m)),
           "M" + std::to_string(m));
  }
}

void Converter::finish() {
  for (auto& [p, slice] : ps_)
    end(&slice, last_, kPs, static_cast<uint64_t>(static_cast<uint32_t>(p)));
  for (auto& [goid, g] : gs_) end(&g.slice, last_, kGs, goid);
  for (auto& [m, slice] : ms_)
    end(&slice, last_, kMs, static_cast<uint64_t>(static_cast<uint32_t>(m)));
  name_tracks();
}

void Converter::run() {
  fprintf(to_, "{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n");
  for (const Event& e : events_) handle(e);
  finish();
  fprintf(to_, "\n], \"otherData\": {\"events\": %zu, \"lost\": %lu}}\n", events_.size(), lost_);
}

}  // namespace

bool convert_trace(const Bytes& trace, FILE* to, std::string* why) {
  Converter c(to);
  if (!c.load(trace, why)) return false;
  c.run();
  return true;
}

int trace_to_json(const std::string& path, const std::string& out) {
  const auto trace = Bytes::map(path);
  if (trace == nullptr) fail(path + ": cannot be read, or is empty");
  FILE* to = out.empty() ? stdout : fopen(out.c_str(), "we");
  if (to == nullptr) fail_errno(out);
  std::string why;
  const bool good = convert_trace(*trace, to, &why);
  if (to != stdout && fclose(to) != 0) fail_errno(out);
  if (!good) fail(path + ": " + why);
  return 0;
}

}  // namespace tool
