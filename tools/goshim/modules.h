// The ELF files of an address space: their symbols and their unwind tables.
#pragma once

#include <stdint.h>

#include <memory>
#include <string>
#include <vector>

#include "memory.h"

namespace tool {

struct Symbol {
  uint64_t address = 0, size = 0;
  std::string name;  // demangled
};

class Module {
 public:
  // `head` is where the file's first bytes lie.
  Module(Memory& memory, std::string path, uint64_t head, uint64_t hi);

  const std::string& path() const { return path_; }
  std::string name() const;
  uint64_t bias() const { return bias_; }  // what is added to addresses in the file
  uint64_t lo() const { return lo_; }
  uint64_t hi() const { return hi_; }
  uint64_t eh_frame_hdr() const { return eh_frame_hdr_; }  // address, or 0
  bool is_elf() const { return is_elf_; }

  // The address of an exported symbol, found in the process's own tables; 0 if there is none.
  uint64_t exported(const std::string& name) const;

  // The function that contains the address, from the file; null if unknown.
  const Symbol* function_at(uint64_t address);

  std::string file;  // where the file can be opened here; empty: nowhere

 private:
  void load_symbols();
  void add_symbols(const Bytes& file);
  std::string build_id() const;

  Memory& memory_;
  std::string path_;
  uint64_t lo_, hi_, bias_ = 0;
  uint64_t dynamic_ = 0, eh_frame_hdr_ = 0, note_ = 0, note_size_ = 0;
  bool is_elf_ = false;
  bool loaded_ = false;
  std::vector<Symbol> symbols_;
};

class Modules {
 public:
  Modules(Memory& memory, const std::vector<Mapping>& mappings);

  Module* at(uint64_t address);
  std::vector<std::unique_ptr<Module>>& all() { return modules_; }
  // "name+0x12 (file)". A return address belongs to the call before it.
  std::string describe(uint64_t address, bool returns_here = false);

 private:
  std::vector<std::unique_ptr<Module>> modules_;  // by address
};

// /proc/PID/maps
std::vector<Mapping> mappings_of(pid_t pid);

}  // namespace tool
