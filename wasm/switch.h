/* switch.h: what the C files in wasm/ know of switch.S and of the runtime's entry points. */
#ifndef GR_SWITCH_H
#define GR_SWITCH_H

#include "../runtime/sched/main.h"
#include <stdint.h>

/* switch.S */
uintptr_t gr_get_sp(void);
void gr_set_sp(uintptr_t sp, uintptr_t limit);
void gr_set_m_sp(uintptr_t sp);
void gr_to_m_stack(void);

/* switch.c */
void gr_trap(int kind, const char *what);

#endif
