// What a G's next life must not see of the one before, in thread-local storage.
#pragma once

namespace goshim {

// Fresh TLS for a TCB that nobody runs on. Program context only (calls the program's free).
void tls_reset(void* tcb);

// A library is going to be loaded or unloaded, has been. In between nobody reads an image except under the loader's lock;
// at the end every thread's static TLS is as the loader leaves that of libc's threads.
void tls_change_begins();
void tls_change_ended();

void tls_reset_after_fork_child();

}  // namespace goshim
