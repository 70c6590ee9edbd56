#include "base/rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/glob.h"

namespace goshim {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// Control characters mean that this was never meant to be read; what is not ASCII is welcome in comments and paths.
bool is_text(const char* s, const char* end) {
  for (; s != end; s++) {
    if ((static_cast<unsigned char>(*s) < ' ' && !is_blank(*s)) || *s == 0x7f) return false;
  }
  return true;
}

// The '#' that starts a comment: the first of its word.
char* find_comment(char* s, char* end) {
  for (char* p = s; p != end; p++) {
    if (*p == '#' && (p == s || is_blank(p[-1]))) return p;
  }
  return end;
}

void take_apart(char* s, char* end, Rule* rule) {
  while (end != s && is_blank(end[-1])) end--;
  *end = 0;
  char* comment = find_comment(s, end);
  if (comment != end) {
    *comment++ = 0;
    while (is_blank(*comment)) comment++;
    rule->why = comment;
  }
  rule->program = next_word(&s);
  if (rule->program == nullptr) return;
  while (is_blank(*s)) s++;
  rule->settings = s;
  if (*s == 0) rule->fault = "says nothing about the program";
  const char* name = rule->program + 1;
  if (rule->program[0] == '$' && (*name == 0 || *name == '='))
    rule->fault = "'$' without the name of a variable";
}

bool fits_path(const char* glob, const char* path) {
  if (path == nullptr) return false;
  const char* slash = strrchr(path, '/');
  if (strchr(glob, '/') == nullptr && slash != nullptr) path = slash + 1;
  return glob_fits(glob, glob + strlen(glob), path);
}

bool fits_environment(const char* text) {
  const char* equals = strchr(text, '=');
  char name[64];
  const size_t len = equals != nullptr ? static_cast<size_t>(equals - text) : strlen(text);
  if (len >= sizeof name) return false;
  memcpy(name, text, len);
  name[len] = 0;
  const char* value = getenv(name);
  if (value == nullptr || equals == nullptr) return value != nullptr;
  return glob_fits(equals + 1, equals + strlen(equals), value);
}

}  // namespace

RulesText::RulesText(char* text, size_t len) : at_(text), end_(text + len) {}

bool RulesText::next(Rule* rule) {
  while (at_ != end_) {
    char* start = at_;
    auto* newline = static_cast<char*>(memchr(start, '\n', static_cast<size_t>(end_ - start)));
    char* stop = newline != nullptr ? newline : end_;
    at_ = newline != nullptr ? newline + 1 : end_;
    *rule = {++line_, nullptr, nullptr, nullptr, ""};
    if (!is_text(start, stop)) {
      rule->fault = "not text";
      return true;
    }
    take_apart(start, stop, rule);
    if (rule->program != nullptr) return true;
  }
  return false;
}

char* next_word(char** rest) {
  char* s = *rest;
  while (is_blank(*s)) s++;
  if (*s == 0) return nullptr;
  char* word = s;
  while (*s != 0 && !is_blank(*s)) s++;
  if (*s != 0) *s++ = 0;
  *rest = s;
  return word;
}

bool rule_fits(const char* program, const ProgramNames& names) {
  if (program[0] == '$') return fits_environment(program + 1);
  return fits_path(program, names.file) || fits_path(program, names.started_as);
}

}  // namespace goshim
