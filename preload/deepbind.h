// Libraries that are loaded so that libc's symbols come before ours.
#pragma once

namespace goshim {

// Makes every object whose calls of hooked functions lead to libc call us. After a dlopen() with RTLD_DEEPBIND.
void bind_past_libc();

}  // namespace goshim
