/* panic.h: how a program fails; see panic.c, and base/throw.h for the failures of the runtime's own making. */
#ifndef RT_PANIC_H
#define RT_PANIC_H

#include "core/sched.h"

_Noreturn void rt_die_of_panic(Panic *last); /* nobody recovered it */
bool rt_is_dying(void);                      /* the report of a failure is being written */
/* How long the calling M may wait for a lock of libc's, -1: for ever. Ends the program if it has died and would hang.
 */
int64_t rt_last_wait(void);
_Noreturn void rt_fatal_leaked(int n, int after_ms); /* after_ms 0: at rest */
/* The host caught a trap on this M. kind 0: what says which; 1: a stack ran over. Or, 2, the C library is to end
 * the program: what is the first line. Called on a stack of the M's own. */
_Noreturn void rt_trap(int kind, const char *what);
/* The running goroutine's stack may not grow as far as it would have to. Called on a stack of the M's own, limit
 * off. */
_Noreturn void rt_stack_overflow(void);

#endif
