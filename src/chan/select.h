// select over channels and file descriptors.
//
// The cases are the caller's memory, with room for what we need to wait (sudogs, order): nothing is allocated however
// many there are.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "chan/hchan.h"
#include "netpoll/poll_set.h"

namespace goshim::chan {

enum class CaseOp : int32_t { kNone = 0, kSend = 1, kRecv = 2, kReadable = 3, kWritable = 4 };

// As goshim_case in include/goshim/goshim.h, which has the first part and room for the second.
struct Case {
  CaseOp op;
  int32_t fd;
  hchan* c;
  void* elem;  // send: the value; receive: where to, may be null
  int32_t ok;  // receive: 1 a value, 0 closed; fd: the poll(2) bits that are set
  uint16_t pollorder;
  uint16_t lockorder;
  union {
    sudog sg;
    PollNode node;
  };

  bool is_chan() const { return (op == CaseOp::kSend || op == CaseOp::kRecv) && c != nullptr; }
  bool is_fd() const { return op == CaseOp::kReadable || op == CaseOp::kWritable; }
};

constexpr int kNoCase = -1;
constexpr int kMaxCases = 65535;

// Waits until one of the cases can go on, does it, and returns its index. kNoCase: none could before the deadline
// (kNow: at once, Go's default). With no case that could ever go on and no deadline, waits for ever.
int selectgo(Case* cases, int n, int64_t deadline);

// ---- select_fd.cc: the fds among the cases ------------------------------------------------------------------------

// Asks the kernel without waiting. The index of a case that is ready (its `ok` set), chosen fairly, or kNoCase. To be
// called before enqueue: it takes the snapshots that tell an edge came in between.
int fds_ready(Case* cases, int n);
// False: some fd is ready, or has to be asked about again. `blind` is set if the poller cannot watch one of them.
bool fds_enqueue(Case* cases, int n, Ticket t, bool* blind);
void fds_dequeue(Case* cases, int n);

}  // namespace goshim::chan
