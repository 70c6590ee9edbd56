// How long to look at a word before queueing for it, and what to do when there is no queue.
#pragma once

#include <stdint.h>

#include "os/cpu.h"
#include "sync/function_ref.h"

namespace goshim::sync {

// True when another G runs at the same time as this one, so that spinning can pay.
bool spinning_pays();

// for (Spinner s; s.once();) look();
//
// Eight pauses, 200 to 350 ns, lie between two looks: who looks more often takes the line away from the holder, and gets
// short sections too fast to do any good (two cores then pass the line to and fro at each of them).
class Spinner {
 public:
  // How many looks. kLong is about Go's patience, and less than it costs an M to sleep and be woken; kShort is a few
  // switches.
  static constexpr int kShort = 4;
  static constexpr int kLong = 15;

  explicit Spinner(int looks = kShort) : left_(spinning_pays() ? looks : 0) {}

  bool once() {
    if (left_ == 0) return false;
    left_--;
    os::procyield(kPauses);
    return true;
  }

 private:
  static constexpr uint32_t kPauses = 8;
  int left_;
};

// A trylock found the lock taken. Who tries again and again spins without saying so, and who holds the lock may wait for
// our P; or the P is gone already, and we keep a kernel thread running beside those that have one.
void try_failed();

// Waits for a word that has no queue (a pthread_spinlock_t): looks, yields, and in the end sleeps a
// little between two looks.
void spin_until(FunctionRef<bool()> done);

}  // namespace goshim::sync
