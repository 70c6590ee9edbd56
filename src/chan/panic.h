// What ends a program that breaks the rules of the API: Go's message, the goroutine and its stack on stderr, abort.
#pragma once

namespace goshim::chan {

// The calling thread's frames, on stderr.
void print_stack();

// "panic: <msg>": the program could not have gone on in Go either, unless it recovered, which C has no word for.
[[noreturn]] void gopanic(const char* msg);
// "fatal error: <msg>": misuse of a lock.
[[noreturn]] void gothrow(const char* msg);

}  // namespace goshim::chan
