// A copy of the process: fork, vfork, and whatever else makes one.
//
// The child has one kernel thread, the one that forked; every other M, sysmon and sigm are gone, in
// whatever they were doing. It is put back into the state before the first pthread_create: hooks
// pass through, and the next pthread_create starts everything anew, with the forking thread as main
// on the stack and TCB it has.
//
// Nothing is stopped in the parent and no lock is taken before the copy: the child never uses what
// other Ms may have left half done. It makes Ps, Ms, queues, timers, poller and helper threads from
// nothing, sets every lock free, and keeps a pool (of Gs, of stacks, of slab memory) only if its
// lock was free at the moment of the copy.
#pragma once

namespace goshim {

// To be called in the child before anything else of the program runs there. On any thread; does
// nothing before start.
void runtime_after_fork_child();

// Notices copies made behind our back (a raw clone): a page that the kernel wipes in a child.
void fork_watch_start();
bool fork_unseen();

}  // namespace goshim
