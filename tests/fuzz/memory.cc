// The memory of a process with goshim in it, changed at will: half-written, another version's, or no goshim's at all. Also
// what is read of the files it has mapped.
// sources: tools/goshim/inspect.cc tools/goshim/modules.cc tools/goshim/memory.cc tools/goshim/unwind.cc tools/goshim/target.cc tools/goshim/core.cc -lunwind-x86_64 -lunwind
#include <sys/mman.h>
#include <unistd.h>

#include "process.h"

namespace {

class FakeMemory : public tool::Memory {
 public:
  explicit FakeMemory(std::string bytes) : bytes_(std::move(bytes)) {}
  bool read(uint64_t address, void* to, size_t n) override {
    if (address < fuzz::kBase || address - fuzz::kBase > bytes_.size() ||
        n > bytes_.size() - (address - fuzz::kBase))
      return false;
    memcpy(to, bytes_.data() + (address - fuzz::kBase), n);
    return true;
  }

 private:
  std::string bytes_;
};

// The library's file, with these bytes.
std::string file_of(const std::string& bytes) {
  static const int fd = memfd_create("library", 0);
  FUZZ_CHECK(ftruncate(fd, 0) == 0);
  FUZZ_CHECK(pwrite(fd, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  return "/proc/self/fd/" + std::to_string(fd);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const fuzz::Image image = fuzz::sound_image();
  std::string bytes(reinterpret_cast<const char*>(&image), sizeof image);
  fuzz::change(&bytes, data, size);
  tool::Target target;
  target.alive = true;
  target.pid = 1;
  target.memory = std::make_unique<FakeMemory>(bytes);
  target.modules = std::make_unique<tool::Modules>(
      *target.memory, std::vector<tool::Mapping>{
                          {fuzz::kBase, fuzz::kBase + sizeof image, 0, "/lib/libgoshim.so", 0}});
  for (auto& module : target.modules->all()) module->file = file_of(bytes);
  const std::string said = fuzz::look_at(target);
  if (size == 0)
    FUZZ_CHECK(said == "worker waiting mutex lock " +
                           [] {
                             char text[64];
                             snprintf(text, sizeof text, "0x%lx",
                                      fuzz::kBase + offsetof(fuzz::Image, mutex));
                             return std::string(text);
                           }() +
                           ", held by 3 \"worker\" take(void*)+0x4 (libgoshim.so) take(void*)+0x8 "
                           "(libgoshim.so) take(void*)+0x8 (libgoshim.so)");
  return 0;
}
