// What a pthread is: start and end of program code, join and detach.
//
// A Thread belongs to a G for ever, as its stack does. The join state machine:
//
//   kJoinable --join--> kClaimed --ticket written--> kJoining --end--> kJoined --the joiner-->
//   kReaped
//    |  |   ^               `------------- end ------------------------^
//    |  |   `--- timed out --- kJoining
//    |  `---------------- end ---------------------> kExited --the first to join or detach-->
//    kReaped
//    `--detach--> kDetached --end--> freed
//
//  [thread.join]  the end of a thread                     a joiner
//                 retval written                          CAS kJoinable -> kClaimed: nobody else
//                 writes the ticket reads the ticket                        ticket written CAS
//                 state -> kExited or kJoined         CAS kClaimed -> kJoining (release); fails: it
//                 has ended was kJoining: wake the ticket
//  A joiner that sleeps may be claimed without the CAS (join_claim_joiner): it comes up on the ending G's M and goes from
//  kJoining to kReaped, since nobody but the joiner, when its wait ends otherwise, could change kJoining meanwhile.
//  The ending M reads the ticket before its CAS: after it, a joiner that timed out may already have
//  reaped the G. The episode in the word's upper bits makes the CAS fail if that ticket is an
//  earlier joiner's.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/atomic.h"
#include "sched/g.h"

namespace goshim {

enum class JoinState : uint32_t {
  kJoinable,
  kClaimed,
  kJoining,
  kDetached,
  kExited,
  kJoined,
  kReaped
};

// Thread::join_word is (episode << 3 | JoinState).
constexpr uint32_t kJoinStateMask = 7;
inline JoinState join_state(uint32_t word) { return static_cast<JoinState>(word & kJoinStateMask); }

struct Thread {
  // Written by the creator before the thread starts.
  void* (*start)(void*) = nullptr;
  void* arg = nullptr;
  bool user_stack = false;
  size_t guard = 0;  // as asked for

  // Written by the thread before its end.
  void* retval = nullptr;

  Atomic<uint32_t> join_word;   // [thread.join]
  Atomic<uint64_t> joiner_seq;  // the joiner's ticket, valid in kJoining
  Atomic<G*> joiner;

  // The thread's own: what the kernel would clear at its end (set_tid_address). Null: what libc gave it, its tid.
  uint32_t* clear_tid = nullptr;

  // Guarded by nothing: a torn name is the program's race, as in the kernel.
  char name[16] = {};
};

struct ThreadAttr {
  size_t stack_size;
  size_t guard_size;
  char* stack_lo;  // null: ours
  bool detached;
  const struct Wish* wish = nullptr;  // CPU set or policy; null: the creator's
  bool has_sigmask = false;           // else the creator's
  uint64_t sigmask = 0;
  const char* name = nullptr;  // the creator's; what is too long is cut
};

// Creates a thread and starts it; *id is written before it runs. 0 or an error number.
int thread_create(void** id, const ThreadAttr& attr, void* (*start)(void*), void* arg);

// Waits for the end of gp and takes its result; deadline in nanotime. 0 or ESRCH, EDEADLK, EINVAL,
// ETIMEDOUT. interrupted by a signal or cancellation: EINTR, the caller acts on it and calls again.
int thread_join(G* gp, void** retval, int64_t deadline);
int thread_tryjoin(G* gp, void** retval);  // EBUSY
int thread_detach(G* gp);

// The thread has run its last instruction. True: it is detached, the caller frees it. False:
// somebody else may have done so by now.
bool join_ended(Thread* t);

// The thread is about to end: its joiner, if that sleeps, claimed. It must not run before join_ended().
G* join_claim_joiner(Thread* t);

Thread* thread_of(G* gp);
extern Thread main_thread;  // of the G that has none of its own

// The calling G is about to unwind with this result.
void thread_set_result(void* retval);

// Main called pthread_exit: its destructors have run. Ends the process if it was the last, else
// never returns.
[[noreturn]] void thread_main_exited();

// exit(2), the system call: ends the calling G without a word to libc, and the process with the last one.
[[noreturn]] void thread_exit_plain(int status);

// Where set_tid_address(2) says, or libc has, the tid of a thread that is to read 0 when it has ended.
void* thread_tid_address(G* gp);

// The name of a thread, as /proc/PID/task/TID/comm has it: at most 15 bytes. ERANGE when longer.
int thread_set_name(G* gp, const char* name);
const char* thread_name(G* gp);

void thread_after_fork_child();

// Plugs this layer into the scheduler. Finds libc's private entry points; nullptr or what is
// missing.
const char* thread_init();

// ---- keys
// ----------------------------------------------------------------------------------------------------

// pthread_key_create and _delete were called.
void key_created(unsigned key, void (*destructor)(void*));
void key_deleted(unsigned key);
// Runs the destructors of the calling thread's values, as often as POSIX says, and clears what is
// left.
void key_run_destructors();

}  // namespace goshim
