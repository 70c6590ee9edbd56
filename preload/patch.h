// Redirects the entries of libc's own blocking wrappers to our hooks (DESIGN section 6).
#pragma once

namespace goshim {

// To be called when the first thread is about to be made, by the only thread of the process. Does
// its work once; where it may not or cannot, libc stays as it is.
void patch_libc();

}  // namespace goshim
