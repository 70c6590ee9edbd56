// Memory of Gs' stacks: slots of a power of two, each [guard | stack | static TLS and TCB].
//
// Slots come from large reservations of address space and are never unmapped: a G keeps its slot for ever, a dead G
// waits in a pool for its next life. Reservations of big slots start in the middle of a 2 MB region, so that the guard
// at the low end of one slot shares a page-table page with the top of its neighbour, where the work is.
#pragma once

#include <stddef.h>

#include "sched/g.h"

namespace goshim {

constexpr int kMinStackShift = 14;  // 16 KB
constexpr int kMaxStackShift = 40;
constexpr int kStackClasses = kMaxStackShift - kMinStackShift + 1;

// The class (log2 of the slot) for a stack of `bytes` in all, guard and TLS included; -1 if there is none.
int stack_class(size_t bytes);

// Fills gp->stack and returns the end of the slot, where the TLS block goes. nullptr when memory is exhausted; a slot
// that gp may have got by then is there for the next attempt.
char* stack_alloc(G* gp, int size_class, size_t guard);

void stack_after_fork_child();

}  // namespace goshim
