// goshim bench -- SERVER ARG...: the same server and the same load, with and without goshim by turns; ratios.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "clock.h"
#include "command.h"
#include "error.h"
#include "program.h"

namespace tool {

namespace {

struct Settings {
  std::string load;
  int64_t rounds = 3;
  int64_t wait_ms = 500;
};

struct Result {
  double seconds = 0;   // the load's
  double cpu = 0;       // the server's, s
  double memory = 0;    // the server's peak, KB
  double requests = 0;  // per second, if the load says so
};

pid_t start(const std::vector<std::string>& words, const std::string& preload) {
  const pid_t child = fork();
  if (child < 0) fail_errno("fork");
  if (child != 0) return child;
  if (!preload.empty())
    setenv("LD_PRELOAD", preload.c_str(), 1);
  else
    unsetenv("LD_PRELOAD");
  const int null = open("/dev/null", O_WRONLY);
  dup2(null, 1);
  std::vector<char*> argv;
  for (const std::string& w : words) argv.push_back(const_cast<char*>(w.c_str()));
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  fprintf(stderr, "goshim: %s: %m\n", argv[0]);
  _exit(127);
}

// "Requests/sec:  123.4" of wrk and hey, "Requests per second:    123.4 [#/sec]" of ab, "rps" of others.
double requests_of(const std::string& text) {
  for (const char* name : {"Requests/sec", "Requests per second", "requests/s", "req/s:"}) {
    size_t at = text.find(name);
    if (at == std::string::npos) continue;
    at = text.find_first_of("0123456789", at + std::string(name).size());
    if (at != std::string::npos) return strtod(text.c_str() + at, nullptr);
  }
  return 0;
}

std::string run_load(const std::string& command) {
  FILE* pipe = popen(("env -u LD_PRELOAD sh -c '" +
                      [&] {
                        std::string quoted;
                        for (const char c : command)
                          quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
                        return quoted;
                      }() +
                      "' 2>&1")
                         .c_str(),
                     "r");
  if (pipe == nullptr) fail_errno("the load");
  std::string out;
  char buf[4096];
  while (size_t n = fread(buf, 1, sizeof buf, pipe)) out.append(buf, n);
  const int status = pclose(pipe);
  if (status != 0)
    fail("bench: the load ended with status " + std::to_string(WEXITSTATUS(status)) + ": " +
         out.substr(0, 200));
  return out;
}

Result measure(const Settings& settings, const std::vector<std::string>& server,
               const std::string& preload) {
  const pid_t child = start(server, preload);
  usleep(static_cast<useconds_t>(settings.wait_ms) * 1000);
  int status = 0;
  if (waitpid(child, &status, WNOHANG) == child)
    fail("bench: the server ended before the load began");
  Result r;
  const int64_t before = monotonic();
  std::string out;
  try {
    out = run_load(settings.load);
  } catch (const Failure&) {
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    throw;
  }
  r.seconds = static_cast<double>(monotonic() - before) / 1e9;
  r.requests = requests_of(out);
  kill(child, SIGTERM);
  rusage usage = {};
  // One that does not want to end is ended.
  for (int i = 0; i < 50 && wait4(child, &status, WNOHANG, &usage) == 0; i++) {
    if (i == 40) kill(child, SIGKILL);
    usleep(100000);
  }
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  r.cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  r.memory = static_cast<double>(usage.ru_maxrss);
  return r;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  return n % 2 != 0 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

void print_row(const char* name, const std::vector<Result>& plain, const std::vector<Result>& ours,
               double Result::*field, double scale) {
  const auto values = [&](const std::vector<Result>& results) {
    std::vector<double> out;
    for (const Result& r : results) out.push_back(r.*field * scale);
    return median(out);
  };
  const double a = values(plain), b = values(ours);
  if (a <= 0 || b <= 0) return;
  printf("%-28s %12.2f %12.2f %9.2f\n", name, a, b, b / a);
}

}  // namespace

int bench_main(const Args& args) {
  Settings settings;
  const Args server = parse_options(
      "bench", args,
      {{"--load", true, [&](const std::string& v) { settings.load = v; }},
       {"-l", true, [&](const std::string& v) { settings.load = v; }},
       {"-n", true,
        [&](const std::string& v) { settings.rounds = number(v, "bench: -n", 1, 1000); }},
       {"--wait-ms", true, [&](const std::string& v) {
          settings.wait_ms = number(v, "bench: --wait-ms", 0, 600000);
        }}});
  if (server.empty()) fail("bench needs a server: goshim bench --load COMMAND -- SERVER [ARG...]");
  if (settings.load.empty()) fail("bench needs a load: --load COMMAND");
  const Program program = look_at(server[0]);
  if (!program.refusals.empty()) fail(program.path + " " + program.refusals[0]);
  const std::string library = find_library();
  std::vector<Result> plain, ours;
  for (int64_t i = 0; i < settings.rounds; i++) {
    plain.push_back(measure(settings, server, ""));
    ours.push_back(measure(settings, server, library));
    fprintf(stderr, "round %ld of %ld\n", i + 1, settings.rounds);
  }
  for (auto* results : {&plain, &ours}) {
    for (Result& r : *results) {
      if (r.requests > 0) r.cpu = r.cpu / (r.requests * r.seconds) * 1e6;
    }
  }
  const bool counted = plain[0].requests > 0;
  printf("%-28s %12s %12s %9s\n", ("medians of " + std::to_string(settings.rounds)).c_str(),
         "pthreads", "goshim", "ratio");
  print_row("requests/s", plain, ours, &Result::requests, 1);
  print_row(counted ? "server CPU, µs a request" : "server CPU, s", plain, ours, &Result::cpu, 1);
  if (!counted) print_row("time of the load, s", plain, ours, &Result::seconds, 1);
  print_row("peak memory, MB", plain, ours, &Result::memory, 1.0 / 1024);
  return 0;
}

}  // namespace tool
