#include "program.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/rules_files.h"
#include "error.h"
#include "memory.h"

namespace tool {

namespace {

bool is_program(const std::string& path) {
  struct stat st = {};
  return stat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode) && access(path.c_str(), X_OK) == 0;
}

std::string find_in_path(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (access(name.c_str(), F_OK) != 0) fail_errno(name);
    if (!is_program(name)) fail(name + ": not an executable file");
    return name;
  }
  const char* path = getenv("PATH");
  std::string rest = path != nullptr ? path : "/usr/bin:/bin";
  while (!rest.empty()) {
    const size_t colon = rest.find(':');
    const std::string dir = rest.substr(0, colon);
    const std::string full = (dir.empty() ? "." : dir) + "/" + name;
    if (is_program(full)) return full;
    rest.erase(0, colon == std::string::npos ? rest.size() : colon + 1);
  }
  fail(name + ": not found in PATH");
}

// Follows "#! interpreter [argument]"; env(1) takes the program's name from its argument.
void follow_scripts(Program* p) {
  for (int depth = 0; depth < 5; depth++) {
    const auto file = Bytes::map(p->path);
    if (file == nullptr) fail_errno(p->path);
    const char* head = file->at(0, 2);
    if (head == nullptr || head[0] != '#' || head[1] != '!') return;
    std::string line(file->at(0, std::min<size_t>(file->size(), 255)),
                     std::min<size_t>(file->size(), 255));
    line = line.substr(2, line.find('\n') - 2);
    if (p->script.empty()) p->script = p->path;
    std::vector<std::string> words;
    for (size_t at = 0; (at = line.find_first_not_of(" \t\r", at)) != std::string::npos;) {
      const size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
      words.push_back(line.substr(at, end - at));
      at = end;
    }
    if (words.empty()) fail(p->path + ": a script without an interpreter");
    p->path = find_in_path(words[0]);
    const bool is_env =
        words[0].size() >= 4 && words[0].compare(words[0].size() - 4, 4, "/env") == 0;
    if (is_env && words.size() > 1 && words[1][0] != '-') p->path = find_in_path(words[1]);
  }
  fail(p->path + ": too many interpreters behind one another");
}

void look_at_elf(Program* p) {
  const auto file = Bytes::map(p->path);
  if (file == nullptr) fail_errno(p->path);
  const auto ehdr = file->get<Elf64_Ehdr>(0);
  if (!ehdr || memcmp(ehdr->e_ident, ELFMAG, SELFMAG) != 0) fail(p->path + ": not a program");
  if (ehdr->e_ident[EI_CLASS] != ELFCLASS64 || ehdr->e_machine != EM_X86_64) {
    p->refusals.push_back("is of another architecture (goshim is for x86-64)");
    return;
  }
  for (uint64_t i = 0; i < ehdr->e_phnum; i++) {
    const auto ph = file->get<Elf64_Phdr>(ehdr->e_phoff + i * sizeof(Elf64_Phdr));
    if (ph && ph->p_type == PT_INTERP) p->interpreter = file->text(ph->p_offset);
    if (ph && ph->p_type == PT_NOTE) {
      const char* notes = file->at(ph->p_offset, ph->p_filesz);
      p->is_go |= notes != nullptr && goshim::has_go_note(notes, ph->p_filesz);
    }
  }
  if (p->interpreter.empty())
    p->refusals.push_back("is statically linked: nothing can be preloaded into it");
  else if (p->interpreter.find("ld-musl") != std::string::npos)
    p->refusals.push_back("uses musl; goshim is for glibc");
  else if (p->interpreter.find("ld-linux-x86-64") == std::string::npos)
    p->refusals.push_back("has an unknown loader, " + p->interpreter);
}

void look_at_privileges(Program* p) {
  struct stat st = {};
  if (stat(p->path.c_str(), &st) != 0) fail_errno(p->path);
  // The loader ignores LD_PRELOAD where the program's rights are not the caller's.
  if ((st.st_mode & S_ISUID) != 0 && st.st_uid != geteuid())
    p->refusals.push_back("is setuid: the loader ignores LD_PRELOAD");
  else if ((st.st_mode & S_ISGID) != 0 && st.st_gid != getegid())
    p->refusals.push_back("is setgid: the loader ignores LD_PRELOAD");
  if (geteuid() != 0 && getxattr(p->path.c_str(), "security.capability", nullptr, 0) > 0)
    p->refusals.push_back("has file capabilities: the loader ignores LD_PRELOAD");
}

}  // namespace

Program look_at(const std::string& name) {
  Program p;
  p.path = find_in_path(name);
  follow_scripts(&p);
  look_at_elf(&p);
  look_at_privileges(&p);
  return p;
}

}  // namespace tool
