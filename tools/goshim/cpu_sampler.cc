#include "cpu_sampler.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <string>
#include <utility>

namespace tool {

namespace {

constexpr size_t kMaxThreads = 256;

}  // namespace

CpuSampler::~CpuSampler() {
  for (const auto& [m, t] : threads_) close(t.fd);
}

void CpuSampler::follow(const std::vector<MInfo>& ms) {
  std::unordered_map<uint64_t, Thread> still;
  for (const MInfo& m : ms) {
    if (still.size() >= kMaxThreads) break;
    Thread t = {m.tid};
    const auto known = threads_.find(m.address);
    if (known != threads_.end() && known->second.tid == m.tid) {
      t = known->second;
      threads_.erase(known);
    } else {
      const std::string path =
          "/proc/" + std::to_string(target_.pid) + "/task/" + std::to_string(m.tid) + "/schedstat";
      t.fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
      if (t.fd < 0) continue;
      t.used = used(t);
    }
    still.emplace(m.address, t);
  }
  works_ = ms.empty() || !still.empty();
  for (const auto& [m, t] : threads_) close(t.fd);
  threads_ = std::move(still);
}

int64_t CpuSampler::used(const Thread& t) const {
  char text[64];
  const ssize_t n = pread(t.fd, text, sizeof text - 1, 0);
  if (n <= 0) return -1;
  text[n] = 0;
  int64_t ns = -1;
  return sscanf(text, "%ld", &ns) == 1 ? ns : -1;
}

void CpuSampler::sample() {
  for (auto& [m, t] : threads_) {
    uint64_t g = 0;
    if (!target_.process().read_now(m + curg_, &g, sizeof g)) continue;
    if (g == 0) continue;  // what it used is put down to the next
    const int64_t now = used(t);
    if (now >= 0 && t.used >= 0) by_g_[g] += now - t.used;
    t.used = now;
  }
}

std::unordered_map<uint64_t, int64_t> CpuSampler::take() { return std::exchange(by_g_, {}); }

}  // namespace tool
