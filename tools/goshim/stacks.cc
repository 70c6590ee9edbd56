// goshim stacks PID|CORE: where every goroutine stands, and why.
#include <stdio.h>

#include <algorithm>

#include "command.h"
#include "error.h"
#include "inspect.h"
#include "unwind.h"

namespace tool {

namespace {

// Of each stack so much is copied while the process stands still; what lies further out is read
// afterwards.
constexpr uint64_t kCapture = 32 << 10;

struct Settings {
  bool all_frames = false;  // those inside goshim too
  bool one_by_one = false;
};

// One goroutine and where it stands.
struct Entry {
  const GInfo* g;
  std::string state;   // equal for all of a group
  std::string detail;  // its own
  int64_t age = -1;    // of its wait, ns
  std::vector<uint64_t> frames;
};

class Stacks {
 public:
  Stacks(Target& target, const Settings& settings)
      : target_(target), settings_(settings), inspector_(target) {}

  int run();

 private:
  bool registers_of(const GInfo& g, Registers* r);
  bool saved(const GInfo& g, Registers* r);
  void capture(const Snapshot& s);
  void describe(const GInfo& g, Entry* e);
  void trim(std::vector<uint64_t>* frames);
  void print(std::vector<Entry>& entries);
  void print_group(const std::vector<Entry>& entries, size_t from, size_t to);
  const MInfo* m_of(const GInfo& g) const;

  Target& target_;
  Settings settings_;
  Inspector inspector_;
  Snapshot all_;
  std::unordered_map<uint64_t, const MInfo*> ms_;
};

const MInfo* Stacks::m_of(const GInfo& g) const {
  const auto found = ms_.find(g.m);
  return found != ms_.end() ? found->second : nullptr;
}

// The registers that a G which is not running left on its stack.
bool Stacks::saved(const GInfo& g, Registers* r) {
  const auto& c = inspector_.layout().context;
  uint64_t words[32];
  const size_t size = std::min<size_t>(c.size, sizeof words);
  if (g.context == 0 || !target_.memory->read(g.context, words, size)) return false;
  const auto get = [&](uint16_t offset) { return offset < size ? words[offset / 8] : 0; };
  r->rip = get(c.rip);
  r->rbp = get(c.rbp);
  r->rbx = get(c.rbx);
  r->r12 = get(c.r12);
  r->r13 = get(c.r13);
  r->r14 = get(c.r14);
  r->r15 = get(c.r15);
  r->rsp = g.context + c.size;
  return true;
}

// False if it runs on a thread that was not stopped.
bool Stacks::registers_of(const GInfo& g, Registers* r) {
  const MInfo* m = m_of(g);
  const auto thread = target_.threads.find(g.kind == GOSHIM_G_FOREIGN ? g.tid
                                           : m != nullptr             ? m->tid
                                                                      : 0);
  if (thread != target_.threads.end()) {
    const uint64_t sp = thread->second.rsp;
    // Its M may be on its own stack, in the middle of a switch.
    if (m == nullptr || sp < m->g0_stack_lo || sp >= m->g0_stack_hi) {
      *r = thread->second;
      return true;
    }
  } else if (m != nullptr) {
    return false;
  }
  return saved(g, r);
}

void Stacks::capture(const Snapshot& s) {
  if (!target_.alive) return;
  std::vector<ProcessMemory::Range> ranges;
  for (const GInfo& g : s.gs) {
    if (g.status == GOSHIM_G_DEAD) continue;
    Registers r;
    if (!registers_of(g, &r) || r.rsp == 0) continue;
    const uint64_t sp = r.rsp;
    const uint64_t lo = sp - inspector_.layout().context.size == g.context ? g.context : sp;
    // Main's stack, and a foreign thread's, end somewhere above.
    const bool known = sp >= g.stack_lo && sp < g.stack_hi;
    ranges.push_back({lo, (known ? std::min(g.stack_hi, sp + kCapture) : sp + 4096) - lo});
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const auto& a, const auto& b) { return a.address < b.address; });
  target_.process().capture(ranges);
}

void Stacks::describe(const GInfo& g, Entry* e) {
  e->g = &g;
  e->state = status_name(g);
  if (g.is_waiting()) {
    e->state = inspector_.reason(g.reason);
    e->age = std::max<int64_t>(0, all_.now - g.wait_since);
    e->detail = inspector_.waits_for(g, all_);
  } else if (const MInfo* m = m_of(g)) {
    if (m->blocking) e->state = "running, in a call that may block";
    e->detail = "thread " + std::to_string(m->tid);
  }
  if (g.kind == GOSHIM_G_FOREIGN) e->state += ", foreign thread";
  if (g.kind == GOSHIM_G_WIRED) e->state += ", wired";
}

// What goshim does inside itself is of no interest: of its frames only the outermost of the
// innermost, the call that the program made, is left.
void Stacks::trim(std::vector<uint64_t>* frames) {
  const Module* library = inspector_.library();
  const auto ours = [&](uint64_t ip) { return ip >= library->lo() && ip < library->hi(); };
  while (frames->size() > 1 && ours(frames->back())) frames->pop_back();
  size_t first = 0;
  while (first + 1 < frames->size() && ours((*frames)[first]) && ours((*frames)[first + 1]))
    first++;
  frames->erase(frames->begin(), frames->begin() + static_cast<long>(first));
}

void Stacks::print_group(const std::vector<Entry>& entries, size_t from, size_t to) {
  const Entry& first = entries[from];
  if (to - from == 1) {
    const GInfo& g = *first.g;
    printf("goroutine %lu", g.goid);
    if (!g.name.empty()) printf(" \"%s\"", g.name.c_str());
    printf(" [%s", first.state.c_str());
    if (first.age >= 0) printf(", %s", duration(first.age).c_str());
    if (!first.detail.empty()) printf(", %s", first.detail.c_str());
    printf("] tid %d\n", g.tid);
  } else {
    int64_t low = first.age, high = first.age;
    for (size_t i = from; i < to; i++) {
      low = std::min(low, entries[i].age);
      high = std::max(high, entries[i].age);
    }
    printf("%zu goroutines [%s", to - from, first.state.c_str());
    if (low >= 0) printf(", %s to %s", duration(low).c_str(), duration(high).c_str());
    printf("]:");
    constexpr size_t kShown = 8;
    for (size_t i = from; i < std::min(to, from + kShown); i++) {
      printf(" %lu", entries[i].g->goid);
      if (!entries[i].detail.empty()) printf(" (%s)", entries[i].detail.c_str());
      if (i + 1 < to) printf(",");
    }
    printf(to - from > kShown ? " ...\n" : "\n");
  }
  for (size_t i = 0; i < first.frames.size(); i++) {
    printf("    %s\n", target_.modules->describe(first.frames[i], i > 0).c_str());
  }
  printf("\n");
}

void Stacks::print(std::vector<Entry>& entries) {
  if (!settings_.one_by_one) {
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.state, a.frames) < std::tie(b.state, b.frames);
    });
  }
  struct Group {
    size_t from, to;
  };
  std::vector<Group> groups;
  for (size_t i = 0; i < entries.size(); i++) {
    const bool same = !settings_.one_by_one && i > 0 && entries[i].state == entries[i - 1].state &&
                      entries[i].frames == entries[i - 1].frames;
    if (!same) groups.push_back({i, i});
    groups.back().to = i + 1;
  }
  std::stable_sort(groups.begin(), groups.end(), [&](const Group& a, const Group& b) {
    return settings_.one_by_one ? false : a.to - a.from > b.to - b.from;
  });
  for (const Group& g : groups) print_group(entries, g.from, g.to);
}

int Stacks::run() {
  {
    std::unique_ptr<Stopped> stopped;
    if (target_.alive) {
      stopped = std::make_unique<Stopped>(target_);
      target_.process().forget();
      if (stopped->deaf() > 0)
        fprintf(stderr, "goshim: %d threads did not stop, their stacks are not known\n",
                stopped->deaf());
      if (stopped->tracer() != 0)
        fprintf(stderr,
                "goshim: process %d traces it and may let it go on: stacks are of goroutines that "
                "wait\n",
                stopped->tracer());
    }
    all_ = inspector_.read(kGs | kMs);
    for (const MInfo& m : all_.ms) ms_[m.address] = &m;
    capture(all_);
    std::vector<Entry> entries;
    // What locks say is read while everything stands still.
    for (const GInfo& g : all_.gs) {
      // A foreign thread's G stays when the thread has ended.
      if (g.kind == GOSHIM_G_FOREIGN && target_.threads.count(g.tid) == 0) continue;
      describe(g, &entries.emplace_back());
    }
    stopped.reset();
    printf("%s %d: %zu goroutines on %zu threads, %ld may run at once\n\n",
           target_.alive ? "process" : "core of process", target_.pid, entries.size(),
           target_.threads.empty() ? all_.ms.size() : target_.threads.size(),
           all_.counter("maxprocs"));
    if (!all_.started) printf("It has not made a thread yet.\n");
    if (!all_.whole && all_.started)
      printf("The list of goroutines is not complete: %ld should be there.\n\n",
             all_.counter("goroutines"));
    Unwinder unwinder(target_);
    for (Entry& e : entries) {
      if (e.g->status == GOSHIM_G_DEAD) continue;
      Registers r;
      if (!registers_of(*e.g, &r)) continue;
      e.frames = unwinder.unwind(r);
      if (!settings_.all_frames) trim(&e.frames);
    }
    print(entries);
  }
  return 0;
}

}  // namespace

int stacks_main(const Args& args) {
  Settings settings;
  const Args rest = parse_options(
      "stacks", args,
      {{"--all-frames", false, [&](const std::string&) { settings.all_frames = true; }},
       {"--no-groups", false, [&](const std::string&) { settings.one_by_one = true; }}});
  Target target = open_target(single("stacks", rest, "a process id or a core file"));
  return Stacks(target, settings).run();
}

}  // namespace tool
