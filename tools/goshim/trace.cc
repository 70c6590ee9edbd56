// goshim trace: records what a process's scheduler does, from outside, and turns recordings into JSON.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <x86intrin.h>

#include "child.h"
#include "clock.h"
#include "command.h"
#include "error.h"
#include "goshim/trace_format.h"
#include "inspect.h"
#include "program.h"
#include "trace_json.h"

namespace tool {

namespace {

// A ring lasts for some 50 ms of a process that does nothing but switch.
constexpr int kLookMs = 10;
constexpr size_t kMaxRings = 100000;

volatile sig_atomic_t interrupted;

class File {
 public:
  explicit File(const std::string& path) : path_(path), file_(fopen(path.c_str(), "we")) {
    if (file_ == nullptr) fail_errno(path);
    memcpy(header_.magic, GOSHIM_TRACE_MAGIC, sizeof header_.magic);
    header_.version = GOSHIM_TRACE_VERSION;
    header_.record_size = sizeof(goshim_trace_record);
    header_.tsc[0] = __rdtsc();
    header_.ns[0] = monotonic();
    put(&header_, sizeof header_);
  }
  ~File() { fclose(file_); }
  File(const File&) = delete;

  void block(goshim_trace_block_type type, int32_t id, const void* data, size_t size,
             uint64_t lost = 0) {
    const goshim_trace_block b = {static_cast<uint32_t>(type), id, size, lost};
    put(&b, sizeof b);
    put(data, size);
    bytes_ += size;
  }
  void finish(pid_t pid, int32_t nprocs) {
    header_.tsc[1] = __rdtsc();
    header_.ns[1] = monotonic();
    header_.pid = pid;
    header_.nprocs = nprocs;
    if (fseek(file_, 0, SEEK_SET) != 0) fail_errno(path_);
    put(&header_, sizeof header_);
    if (fflush(file_) != 0) fail_errno(path_);
  }
  uint64_t bytes() const { return bytes_; }

 private:
  void put(const void* data, size_t n) {
    if (n != 0 && fwrite(data, n, 1, file_) != 1) fail_errno(path_);
  }

  std::string path_;
  FILE* file_;
  uint64_t bytes_ = 0;
  goshim_trace_header header_ = {};
};

// Reads a process's rings.
class Recorder {
 public:
  Recorder(Target target, File& file)
      : target_(std::move(target)), inspector_(target_), file_(file) {
    if (layout().trace_on == nullptr || layout().trace_rings == nullptr)
      fail("the process's libgoshim.so cannot be traced");
  }

  // What was recorded before is not of this trace.
  void skip() { look(true); }
  void look() { look(false); }
  bool set(uint32_t on) {
    return target_.process().write(reinterpret_cast<uint64_t>(layout().trace_on), &on, sizeof on);
  }
  bool is_on() {
    uint32_t on = 0;
    target_.process().read_now(reinterpret_cast<uint64_t>(layout().trace_on), &on, sizeof on);
    return on != 0;
  }
  // The names and reasons at the end, while the process is still there.
  void add_names();
  int32_t nprocs() const { return nprocs_; }
  uint64_t records() const { return records_; }
  uint64_t lost() const { return lost_; }
  bool is_there() const { return is_there_; }

 private:
  struct Ring {
    uint64_t address = 0, tail = 0, lost = 0;
  };
  struct Head {
    uint64_t next;
    int32_t m;
    uint32_t records;
    uint64_t head;
  };
  static_assert(sizeof(Head) == offsetof(goshim_trace_ring, record));

  const goshim_memory_layout& layout() const { return inspector_.layout(); }
  void look(bool skip);
  void take(uint64_t address, const Head& head, uint64_t* tail);

  Target target_;
  Inspector inspector_;
  File& file_;
  std::map<uint64_t, uint64_t> tails_;  // by the ring's address
  std::vector<goshim_trace_record> buffer_;
  int32_t nprocs_ = 0;
  uint64_t records_ = 0, lost_ = 0;
  bool is_there_ = true;
};

void Recorder::take(uint64_t address, const Head& head, uint64_t* tail) {
  constexpr uint64_t kN = GOSHIM_TRACE_RECORDS;
  uint64_t lost = 0;
  if (head.head - *tail > kN) {
    lost = head.head - *tail - kN;
    *tail = head.head - kN;
  }
  buffer_.resize(head.head - *tail);
  const uint64_t from = *tail % kN;
  const uint64_t first = std::min<uint64_t>(buffer_.size(), kN - from);
  const uint64_t base = address + offsetof(goshim_trace_ring, record);
  ProcessMemory& memory = target_.process();
  bool good = memory.read_now(base + from * sizeof(goshim_trace_record), buffer_.data(),
                              first * sizeof(goshim_trace_record));
  if (good && first < buffer_.size())
    good = memory.read_now(base, buffer_.data() + first,
                           (buffer_.size() - first) * sizeof(goshim_trace_record));
  uint64_t now = 0;
  if (!good || !memory.read_now(address + offsetof(goshim_trace_ring, head), &now, sizeof now)) {
    is_there_ = false;
    return;
  }
  // What the writer has reached meanwhile, or may be writing at this moment, was not read as it was.
  uint64_t spoilt = 0;
  if (now + 1 > kN && now + 1 - kN > *tail)
    spoilt = std::min<uint64_t>(now + 1 - kN - *tail, buffer_.size());
  lost += spoilt;
  *tail = head.head;
  records_ += buffer_.size() - spoilt;
  lost_ += lost;
  if (buffer_.size() > spoilt || lost != 0)
    file_.block(GOSHIM_TRACE_BLOCK_RECORDS, head.m, buffer_.data() + spoilt,
                (buffer_.size() - spoilt) * sizeof(goshim_trace_record), lost);
}

void Recorder::look(bool skip) {
  ProcessMemory& memory = target_.process();
  uint64_t at = 0;
  if (!memory.read_now(reinterpret_cast<uint64_t>(layout().trace_rings), &at, sizeof at)) {
    is_there_ = false;
    return;
  }
  for (size_t i = 0; at != 0 && i < kMaxRings; i++) {
    Head head;
    if (!memory.read_now(at, &head, sizeof head) || head.records != GOSHIM_TRACE_RECORDS) break;
    const auto [ring, is_new] = tails_.emplace(at, 0);
    if (skip)
      ring->second = head.head;
    else if (head.head != ring->second)
      take(at, head, &ring->second);
    at = head.next;
  }
}

void Recorder::add_names() {
  target_.process().forget();
  try {
    const Snapshot s = inspector_.read(kGs);
    nprocs_ = static_cast<int32_t>(s.counter("maxprocs"));
    std::vector<goshim_trace_name> names;
    for (const GInfo& g : s.gs) {
      goshim_trace_name n = {g.goid, {}};
      memcpy(n.name, g.name.data(), std::min(g.name.size(), sizeof n.name - 1));
      names.push_back(n);
    }
    file_.block(GOSHIM_TRACE_BLOCK_NAMES, 0, names.data(), names.size() * sizeof names[0]);
    const auto& reasons = inspector_.reasons();
    file_.block(GOSHIM_TRACE_BLOCK_REASONS, 0, reasons.data(), reasons.size() * sizeof reasons[0]);
  } catch (const Failure&) {
    is_there_ = false;
  }
}

void tell(const Recorder& r, const std::string& path) {
  fprintf(stderr, "goshim: %lu events in %s", r.records(), path.c_str());
  if (r.lost() != 0)
    fprintf(stderr, ", %lu more were overwritten before they could be read", r.lost());
  fprintf(stderr, "\n");
}

int record_process(pid_t pid, const std::string& path, int64_t seconds, uint64_t max_bytes) {
  Target target = open_process(pid);
  const Inspector check(target);  // fails before a file is made
  File file(path);
  Recorder r(std::move(target), file);
  if (r.is_on())
    fail("process " + std::to_string(pid) + " is being traced already (goshim trace --off " +
         std::to_string(pid) + " ends it)");
  struct sigaction action = {};
  action.sa_handler = [](int) { interrupted = 1; };
  for (const int sig : {SIGINT, SIGTERM, SIGHUP}) sigaction(sig, &action, nullptr);
  r.skip();
  if (!r.set(1)) fail("process " + std::to_string(pid) + " may not be written to");
  const int64_t until = monotonic() + seconds * 1000000000LL;
  while (interrupted == 0 && r.is_there() && (seconds == 0 || monotonic() < until) &&
         file.bytes() < max_bytes) {
    usleep(kLookMs * 1000);
    r.look();
  }
  r.set(0);
  r.look();
  r.add_names();
  file.finish(pid, r.nprocs());
  tell(r, path);
  return 0;
}

int record_program(const Args& words, const std::string& path, uint64_t max_bytes) {
  const Program program = look_at(words[0]);
  if (!program.refusals.empty()) fail(program.path + " " + program.refusals[0]);
  const std::string library = find_library();
  File file(path);
  preload(library);
  setenv("GOSHIM_TRACE", "1", 1);
  std::vector<char*> argv;
  for (const std::string& w : words) argv.push_back(const_cast<char*>(w.c_str()));
  argv.push_back(nullptr);
  Child child(argv.data(), program.script.empty() ? program.path : program.script);
  if (!child.is_traced())
    fprintf(stderr, "goshim: the end of the trace may be missing: ptrace: %m\n");
  std::unique_ptr<Recorder> r;
  int wait = 0;
  const auto look = [&] {
    // The program may not have begun yet, and later exec another one.
    if (r != nullptr && !r->is_there()) r.reset();
    if (r == nullptr && wait-- <= 0) {
      wait = 10;
      try {
        r = std::make_unique<Recorder>(open_process(child.pid()), file);
      } catch (const Failure&) {
      }
    }
    if (r != nullptr && file.bytes() < max_bytes) r->look();
  };
  const int status = child.attend(
      [&] {
        wait = 0;
        look();
        if (r != nullptr) r->add_names();
      },
      look, kLookMs);
  file.finish(child.pid(), r != nullptr ? r->nprocs() : 0);
  if (r != nullptr)
    tell(*r, path);
  else
    fprintf(stderr, "goshim: the program did not have goshim loaded\n");
  return end_like(status);
}

int switch_off(pid_t pid) {
  Target target = open_process(pid);
  const Inspector inspector(target);
  const uint32_t off = 0;
  if (inspector.layout().trace_on == nullptr ||
      !target.process().write(reinterpret_cast<uint64_t>(inspector.layout().trace_on), &off,
                              sizeof off))
    fail("process " + std::to_string(pid) + " may not be written to");
  return 0;
}

}  // namespace

int trace_main(const Args& args) {
  std::string out = "goshim.trace", json, off;
  bool out_given = false;
  int64_t seconds = 0, megabytes = 1024;
  const Args rest = parse_options(
      "trace", args,
      {{"-o", true,
        [&](const std::string& v) {
          out = v;
          out_given = true;
        }},
       {"-t", true, [&](const std::string& v) { seconds = number(v, "trace: -t", 1, 1000000); }},
       {"--max-mb", true,
        [&](const std::string& v) { megabytes = number(v, "trace: --max-mb", 1, 1000000); }},
       {"--json", true, [&](const std::string& v) { json = v; }},
       {"--off", true, [&](const std::string& v) { off = v; }}});
  const auto max_bytes = static_cast<uint64_t>(megabytes) << 20;
  if (!json.empty() || !off.empty()) {
    if (!rest.empty()) fail("trace: '" + rest[0] + "' is one argument too many");
    if (!off.empty()) return switch_off(parse_pid(off));
    return trace_to_json(json, out_given ? out : "");
  }
  if (rest.empty()) fail("trace needs a process id or a program");
  const bool is_pid =
      rest.size() == 1 && rest[0].find_first_not_of("0123456789") == std::string::npos;
  if (is_pid) return record_process(parse_pid(rest[0]), out, seconds, max_bytes);
  if (seconds != 0) fail("trace: -t is for a process that runs already");
  return record_program(rest, out, max_bytes);
}

}  // namespace tool
