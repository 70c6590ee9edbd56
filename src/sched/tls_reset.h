// What a G's next life must not see of the one before, in thread-local storage.
#pragma once

namespace goshim {

// Fresh TLS for a TCB that nobody runs on. Program context only (calls the program's free).
void tls_reset(void* tcb);

// A library was loaded or unloaded: the list of TLS images is stale.
void tls_modules_changed();

// One is going to be unloaded, has been: in between nobody reads an image except under the loader's lock.
void tls_unload_begins();
void tls_unload_ended();

void tls_reset_after_fork_child();

}  // namespace goshim
