// A fuzz target without libFuzzer: every file of a folder, and as many mutations of them as are asked for.
//
// usage: TARGET FOLDER [MUTATIONS]       GOSHIM_STRESS_SEED: where the mutations start
#include <dirent.h>
#include <string.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "fuzz.h"

namespace {

std::vector<std::string> read_folder(const std::string& folder) {
  std::vector<std::string> names, out;
  DIR* dir = opendir(folder.c_str());
  if (dir == nullptr) return out;
  while (const dirent* entry = readdir(dir)) {
    if (entry->d_name[0] != '.') names.push_back(folder + "/" + entry->d_name);
  }
  closedir(dir);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    std::ifstream in(name, std::ios::binary);
    out.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return out;
}

std::string mutate(const std::vector<std::string>& corpus, std::mt19937_64& random) {
  const auto pick = [&](size_t n) { return n == 0 ? 0 : static_cast<size_t>(random() % n); };
  std::string text = corpus[pick(corpus.size())];
  for (size_t i = 0; i <= pick(8); i++) {
    const std::string& other = corpus[pick(corpus.size())];
    const size_t at = pick(text.size() + 1);
    switch (pick(5)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(random());
        break;
      case 1:
        text.erase(at, pick(16));
        break;
      case 2:
        text.insert(at, 1 + pick(4), static_cast<char>(random()));
        break;
      case 3:
        text.insert(at, other, pick(other.size() + 1), pick(40));
        break;
      case 4:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << pick(8)));
        break;
    }
  }
  return text;
}

void run(const std::string& text) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const std::vector<std::string> corpus = read_folder(argv[1]);
  if (corpus.empty()) {
    fprintf(stderr, "%s: no corpus\n", argv[1]);
    return 1;
  }
  for (const std::string& text : corpus) run(text);
  const char* told = getenv("GOSHIM_STRESS_SEED");
  const uint64_t seed = told != nullptr ? strtoull(told, nullptr, 0) : 1;
  std::mt19937_64 random(seed);
  const long mutations = argc > 2 ? strtol(argv[2], nullptr, 10) : 0;
  for (long i = 0; i < mutations; i++) run(mutate(corpus, random));
  printf("%zu files, %ld mutations from seed %lu\n", corpus.size(), mutations,
         static_cast<unsigned long>(seed));
  return 0;
}
