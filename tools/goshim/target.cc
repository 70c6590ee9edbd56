#include "target.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "clock.h"
#include "error.h"

namespace tool {

namespace {

std::string proc(pid_t pid, const char* name) {
  return "/proc/" + std::to_string(pid) + "/" + name;
}

std::string link_of(const std::string& path) {
  char to[4096];
  const ssize_t n = readlink(path.c_str(), to, sizeof to);
  return n > 0 ? std::string(to, static_cast<size_t>(n)) : std::string();
}

// Where a file that the process has mapped can be opened from here; empty if it is another file by now.
std::string file_of(pid_t pid, const Mapping& m) {
  if (m.path.empty() || m.path[0] != '/') return {};
  const std::string exe = proc(pid, "exe");
  if (link_of(exe) == m.path) return exe;
  for (const std::string& path : {proc(pid, "root") + m.path, m.path}) {
    struct stat st = {};
    if (stat(path.c_str(), &st) == 0 && st.st_ino == m.inode) return path;
  }
  return {};
}

std::vector<pid_t> tasks(pid_t pid) {
  std::vector<pid_t> out;
  DIR* dir = opendir(proc(pid, "task").c_str());
  if (dir == nullptr) return out;
  while (const dirent* e = readdir(dir)) {
    if (e->d_name[0] != '.') out.push_back(atoi(e->d_name));
  }
  closedir(dir);
  return out;
}

pid_t tracer_of(pid_t pid) {
  std::ifstream in(proc(pid, "status"));
  const std::string key = "TracerPid:";
  for (std::string line; std::getline(in, line);) {
    if (line.compare(0, key.size(), key) == 0) return atoi(line.c_str() + key.size());
  }
  return 0;
}

}  // namespace

pid_t parse_pid(const std::string& text) {
  char* end = nullptr;
  errno = 0;
  const long n = strtol(text.c_str(), &end, 10);
  if (text.empty() || *end != 0 || errno != 0 || n <= 0 || n > 4194304)
    fail("'" + text + "' is not a process id");
  return static_cast<pid_t>(n);
}

Target open_process(pid_t pid) {
  Target t;
  t.pid = pid;
  t.alive = true;
  if (kill(pid, 0) != 0 && errno == ESRCH) fail("no process " + std::to_string(pid));
  const auto mappings = mappings_of(pid);
  if (mappings.empty()) {
    if (access(proc(pid, "maps").c_str(), R_OK) != 0 || getuid() != 0)
      fail("process " + std::to_string(pid) + " may not be read: not yours, or not traceable");
    fail("process " + std::to_string(pid) + " has ended, or is a kernel thread");
  }
  t.memory = std::make_unique<ProcessMemory>(pid);
  char byte;
  if (!t.memory->read(mappings[0].lo, &byte, 1) && t.process().error() == EPERM)
    fail("process " + std::to_string(pid) +
         " may not be read (same user or root; kernel.yama.ptrace_scope 0)");
  t.modules = std::make_unique<Modules>(*t.memory, mappings);
  for (auto& module : t.modules->all()) {
    for (const Mapping& m : mappings) {
      if (m.lo == module->lo()) module->file = file_of(pid, m);
    }
  }
  t.program = link_of(proc(pid, "exe"));
  t.now = monotonic();
  return t;
}

Target open_target(const std::string& what) {
  struct stat st = {};
  const bool number = what.find_first_not_of("0123456789") == std::string::npos && !what.empty();
  if (!number && stat(what.c_str(), &st) == 0) return open_core(what);
  if (!number && what.find_first_of("./") != std::string::npos) fail(what + ": no such core file");
  return open_process(parse_pid(what));
}

// Stops what has not been stopped yet; false if there was nothing new.
bool Stopped::seize_new() {
  bool found = false;
  for (const pid_t tid : tasks(target_.pid)) {
    if (seized_.count(tid) != 0) continue;
    if (ptrace(PTRACE_SEIZE, tid, nullptr, nullptr) != 0) {
      if (errno == ESRCH) continue;
      const int error = errno;
      go_on();
      tracer_ = tracer_of(target_.pid);
      if (tracer_ != 0) return false;
      errno = error;
      if (error == EPERM)
        fail("process " + std::to_string(target_.pid) + " may not be stopped: not yours");
      fail_errno("ptrace");
    }
    seized_[tid] = false;
    found = true;
    ptrace(PTRACE_INTERRUPT, tid, nullptr, nullptr);
  }
  return found;
}

void Stopped::wait_all() {
  const int64_t until = monotonic() + 1000000000LL;
  for (auto& [tid, stopped] : seized_) {
    while (!stopped) {
      int status = 0;
      const pid_t got = waitpid(tid, &status, __WALL | WNOHANG);
      if (got == tid) {
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
          stopped = true;
        } else if (status >> 16 == PTRACE_EVENT_STOP) {
          stopped = true;
          user_regs_struct r = {};
          if (ptrace(PTRACE_GETREGS, tid, nullptr, &r) == 0) {
            target_.threads[tid] = {r.rip, r.rsp, r.rbp, r.rbx, r.r12, r.r13, r.r14, r.r15, r.rax,
                                    r.rcx, r.rdx, r.rsi, r.rdi, r.r8,  r.r9,  r.r10, r.r11};
          }
        } else if (WIFSTOPPED(status)) {
          // A signal on its way: hand it on, and the interrupt will come next.
          ptrace(PTRACE_CONT, tid, nullptr, static_cast<long>(WSTOPSIG(status)));
        }
        continue;
      }
      if (got < 0)
        stopped = true;
      else if (monotonic() > until)
        break;
      else
        usleep(100);
    }
  }
}

Stopped::Stopped(Target& target) : target_(target) {
  // A thread that was being made meanwhile turns up at the next look.
  for (int round = 0; round < 100 && seize_new(); round++) wait_all();
  for (const auto& [tid, stopped] : seized_) deaf_ += stopped ? 0 : 1;
  target_.now = monotonic();
}

void Stopped::go_on() {
  for (const auto& [tid, stopped] : seized_) ptrace(PTRACE_DETACH, tid, nullptr, nullptr);
  seized_.clear();
}

Stopped::~Stopped() { go_on(); }

}  // namespace tool
