// Plugs the library's start into src/chan; from the constructor.
#pragma once

namespace goshim {

void api_init();

}  // namespace goshim
