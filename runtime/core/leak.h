/* leak.h: the report of goroutines that hang when main has returned; see leak.c. */
#ifndef RT_LEAK_H
#define RT_LEAK_H

#include "core/sched.h"

_Noreturn void rt_leak_await(int code); /* main has returned: its goroutine waits for rt_leak_report */
int64_t rt_leak_horizon(void);  /* what happens later does not count any more; INT64_MAX: main has not returned */
void rt_leak_tick(int64_t now); /* reports when that has been reached */
/* Ends the program. at_rest: nothing can happen any more. No lock is held. */
_Noreturn void rt_leak_report(bool at_rest);
bool rt_is_leaked(G *g, bool at_rest);

#endif
