// Per-thread kernel settings: CPU set, scheduling policy, niceness. A thread that asks for one becomes wired.
//
// The settings of another thread cannot be changed before it has a kernel thread: the wish is noted and the thread
// wires itself at its start or when its next wait ends. Until then queries answer from the note.
#pragma once

#include <sched.h>
#include <stddef.h>
#include <stdint.h>

#include "sched/g.h"

namespace goshim {

struct CpuMask {
  uint64_t bits[16] = {};  // 1,024 CPUs
};

// These return 0 or an error number, as the pthread calls they serve.
int set_affinity(G* gp, size_t size, const void* mask);
int get_affinity(G* gp, size_t size, void* mask);
int set_policy(G* gp, int policy, int priority);
int get_policy(G* gp, int* policy, int* priority);

int set_nice(G* gp, int value);  // 0 or an error number
int get_nice(G* gp);

// A wish for a thread that does not run yet (attributes, or inherited from a wired creator).
struct Wish {
  bool affinity = false;
  bool policy = false;
  bool nice = false;
  CpuMask cpus;
  int policy_value = 0;
  int priority = 0;
  int nice_value = 0;
};
void wish_for(G* gp, const Wish& w);
// gp is new and inherits what the calling thread has.
void inherit_wish(G* gp);

void wiring_after_fork_child();

// gp has this name. If the user wants such threads wired (GOSHIM_WIRE): it is now if it is the calling thread, else as
// soon as it can.
void wire_by_name(G* gp, const char* name);

// The kernel has something for the calling kernel thread that it does not take from another: wired from now on; main, while
// there is no other thread, from when there is.
void wire_to_this_thread();
// Main is a G now.
void wire_main(G* gp);

// Carries out what was wished for the calling G, in program context.
void wiring_apply();

// May this process have the policy? 0 or EPERM, EINVAL.
int policy_allowed(int policy, int priority);

}  // namespace goshim
