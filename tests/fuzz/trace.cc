// A recording of goshim trace, any bytes: refused, or turned into JSON that keeps to the grammar.
// sources: tools/goshim/trace_json.cc tools/goshim/memory.cc
#include "trace_json.h"

#include <string.h>

#include <string>

#include "fuzz.h"

namespace {

// A reader of JSON that keeps nothing. Each function leaves `p_` behind what it has read.
class Json {
 public:
  explicit Json(const std::string& text) : p_(text.data()), end_(p_ + text.size()) {}
  bool is_good() { return value(0) && (skip(), p_ == end_); }

 private:
  void skip() {
    while (p_ < end_ && strchr(" \n", *p_) != nullptr && *p_ != 0) p_++;
  }
  bool take(char c) {
    skip();
    if (p_ == end_ || *p_ != c) return false;
    p_++;
    return true;
  }
  bool string() {
    if (!take('"')) return false;
    for (; p_ < end_ && *p_ != '"'; p_++) {
      if (*p_ < ' ' || *p_ > '~') return false;
      if (*p_ == '\\' && (++p_ == end_ || strchr("\"\\", *p_) == nullptr)) return false;
    }
    return take('"');
  }
  bool digits() {
    const char* from = p_;
    while (p_ < end_ && *p_ >= '0' && *p_ <= '9') p_++;
    return p_ > from;
  }
  bool number() {
    skip();
    if (p_ < end_ && *p_ == '-') p_++;
    if (!digits()) return false;
    if (p_ < end_ && *p_ == '.') return p_++, digits();
    return true;
  }
  template <typename F>
  bool list(char open, char close, F item) {
    if (!take(open)) return false;
    if (take(close)) return true;
    do {
      if (!item()) return false;
    } while (take(','));
    return take(close);
  }
  bool value(int depth) {
    skip();
    if (p_ == end_ || depth > 5) return false;
    if (*p_ == '"') return string();
    if (*p_ == '[') return list('[', ']', [&] { return value(depth + 1); });
    if (*p_ == '{')
      return list('{', '}', [&] { return string() && take(':') && value(depth + 1); });
    return number();
  }

  const char* p_;
  const char* end_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const tool::Bytes trace(reinterpret_cast<const char*>(data), size);
  char* text = nullptr;
  size_t length = 0;
  FILE* to = open_memstream(&text, &length);
  FUZZ_CHECK(to != nullptr);
  std::string why;
  const bool good = tool::convert_trace(trace, to, &why);
  fclose(to);
  const std::string json(text, length);
  free(text);
  if (good)
    FUZZ_CHECK(Json(json).is_good());
  else
    FUZZ_CHECK(json.empty() && !why.empty() && why.find('\n') == std::string::npos);
  return 0;
}
