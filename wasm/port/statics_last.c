/* statics_last.c: linked behind the runtime and before the C library; see statics_first.c. */
#include "wasm/port/statics.h"

char port_last_data[4] = {1}, port_last_zero[4];
