// Cancellation. The state is ours, one word per G; what it leads to, the forced unwind, is glibc's
// pthread_exit.
//
// glibc keeps its own state in the TCB and tests it in its own cancellation points. We never set
// it: a G reaches cancellation points through our hooks, which test the word here (check_cancel).
#pragma once

#include "sched/g.h"

namespace goshim {

// pthread_cancel. 0 or ESRCH.
int cancel_request(G* gp);

// pthread_setcancelstate and pthread_setcanceltype of the calling G: the old value. Turning
// asynchronous cancellation on with a request pending acts on it.
int cancel_set_state(int state);
int cancel_set_type(int type);

// The calling G is on its way out: further requests change nothing.
void cancel_close();

}  // namespace goshim
