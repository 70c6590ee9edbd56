#include "base/rules_files.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include "base/log.h"
#include "os/syscall.h"

namespace goshim {

namespace {

// Touched only where there is a file.
constinit char system_text[kMaxRules + 1];
constinit char user_text[kMaxRules + 1];
constinit char user_path[512];
constinit char file_name[PATH_MAX];

// Who may have written the file.
enum class Trust { kAnybody, kUserOnly };

// Null when the file was read or may be passed over in silence, else what is wrong with it.
const char* read_open(long fd, Trust trust, RulesFile* file) {
  struct stat st = {};
  if (os::sys(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH) != 0) return "cannot be looked at";
  // A program run by root with somebody else's home, say under sudo, does not do what that one's file says.
  if (trust == Trust::kUserOnly &&
      ((st.st_uid != os::sys(SYS_geteuid) && st.st_uid != 0) || (st.st_mode & S_IWOTH) != 0))
    return nullptr;
  const bool is_null = S_ISCHR(st.st_mode) && st.st_rdev == 0x103;
  if (!S_ISREG(st.st_mode) && !is_null) return "is no file with rules";
  size_t len = 0;
  while (len <= kMaxRules) {
    const long n = os::sys(SYS_read, fd, file->text + len, kMaxRules + 1 - len);
    if (n < 0) return "cannot be read";
    if (n == 0) break;
    len += static_cast<size_t>(n);
  }
  if (len > kMaxRules) return "is longer than 32 KB and not used";
  file->len = len;
  return nullptr;
}

// `missing`: also tell when it is not there.
void read_rules(RulesFile* file, Trust trust, bool missing) {
  // O_NONBLOCK: a FIFO is not waited for.
  const long fd =
      os::sys(SYS_openat, AT_FDCWD, file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
  const char* why = nullptr;
  if (fd >= 0) {
    why = read_open(fd, trust, file);
    os::sys(SYS_close, fd);
  } else if (missing) {
    why = fd == -ENOENT ? "is not there" : "cannot be opened";
  }
  if (why != nullptr) Log() << file->path << ": " << why;
}

// "$XDG_CONFIG_HOME/goshim/rules", else "$HOME/.config/goshim/rules".
bool find_user_path() {
  const char* base = getenv("XDG_CONFIG_HOME");
  const char* rest = "/goshim/rules";
  if (base == nullptr || *base != '/') {
    base = getenv("HOME");
    rest = "/.config/goshim/rules";
  }
  if (base == nullptr || *base != '/') return false;
  const size_t len = strlen(base);
  if (len + strlen(rest) >= sizeof user_path) return false;
  memcpy(user_path, base, len);
  strcpy(user_path + len, rest);
  return true;
}

constexpr uint32_t kGoBuildId = 4;  // type of the note whose owner is "Go"

}  // namespace

// The notes of a segment lie one behind the other, name and description padded to 4 bytes each.
bool has_go_note(const char* at, size_t size) {
  ElfW(Nhdr) note;
  while (size >= sizeof note) {
    memcpy(&note, at, sizeof note);
    const size_t len = sizeof note + ((note.n_namesz + size_t{3}) & ~size_t{3}) +
                       ((note.n_descsz + size_t{3}) & ~size_t{3});
    if (len > size) return false;
    if (note.n_type == kGoBuildId && note.n_namesz == 4 && memcmp(at + sizeof note, "Go\0", 4) == 0)
      return true;
    at += len;
    size -= len;
  }
  return false;
}

bool is_go_program() {
  const uintptr_t table = getauxval(AT_PHDR);
  const size_t count = getauxval(AT_PHNUM);
  const auto* headers = reinterpret_cast<const ElfW(Phdr)*>(table);
  // The table's own entry says how far from its linked address the program is. Without one, nothing is looked at.
  for (size_t i = 0; i < count; i++) {
    if (headers[i].p_type != PT_PHDR) continue;
    const uintptr_t bias = table - headers[i].p_vaddr;
    for (size_t k = 0; k < count; k++) {
      if (headers[k].p_type != PT_NOTE) continue;
      if (has_go_note(reinterpret_cast<const char*>(bias + headers[k].p_vaddr), headers[k].p_memsz))
        return true;
    }
  }
  return false;
}

bool secure_execution() { return getauxval(AT_SECURE) != 0; }

RulesFile read_system_rules() {
  RulesFile file = {kSystemRules, system_text, 0};
  read_rules(&file, Trust::kAnybody, false);
  return file;
}

RulesFile read_user_rules() {
  RulesFile file = {user_path, user_text, 0};
  if (secure_execution()) return file;
  const char* told = getenv("GOSHIM_RULES");
  if (told != nullptr && *told != 0) {
    file.path = told;
    read_rules(&file, Trust::kAnybody, true);
  } else if (find_user_path()) {
    read_rules(&file, Trust::kUserOnly, false);
  }
  return file;
}

ProgramNames program_names() {
  const long n = os::sys(SYS_readlink, "/proc/self/exe", file_name, sizeof file_name - 1);
  file_name[n > 0 ? n : 0] = 0;
  const auto started_as = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  return {n > 0 ? file_name : nullptr, started_as};
}

}  // namespace goshim
