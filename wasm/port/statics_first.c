/* statics_first.c: linked before the runtime, as statics_last.c is behind it: the linker puts what has values at first
 * (data) and what is 0 (bss) in the order of the objects, so between these two lies what is the runtime's own. No
 * block is kept by it (wasm/port/roots.c). */
#include "wasm/port/statics.h"

char port_first_data[4] = {1}, port_first_zero[4];
