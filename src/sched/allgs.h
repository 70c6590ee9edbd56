// Where Gs come from and go to; see allgs.cc. What walks all of them is in sched.h.
#pragma once

#include "sched/sched.h"

namespace goshim {

// A G that never lived, perhaps with a slot of this class from an earlier attempt; nullptr when there is no memory. Not on
// the list of all yet.
G* galloc(int size_class);
// It could not be finished.
void gkeep(G* gp, int size_class);
// On the list of all, if it is not there.
void gadd(G* gp);

// A dead G of this stack class, or nullptr, by way of pp, which may be null.
G* gfget(P* pp, int size_class);
void gfput(P* pp, G* gp);
// Dead Gs in the common pool that nobody has needed since the last call, or all there, give their stacks back. On sysmon.
void gtrim(bool all);
// All that pp has go to the common pool.
void gfree_all(P* pp);

uint64_t goid_new(P* pp);

// Before sched is forgotten.
void allgs_after_fork_child();

}  // namespace goshim
