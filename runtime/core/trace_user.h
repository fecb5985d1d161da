/* trace_user.h: what programs say in their trace, as the other files of the tracer's control know it: see
 * trace_regions.c, trace_tasks.c. */
#ifndef RT_TRACE_USER_H
#define RT_TRACE_USER_H

#include "core/park.h"
#include "core/trace.h"

/* Nobody traces; and if this is no place to call the runtime, the program ends. */
static inline bool rt_user_off(void) {
    if (__builtin_expect((load_relaxed(bool, &rt_trace_enabled) | port_is_away()) == 0, 1))
        return true;
    rt_must_be_here();
    return false;
}

/* For who says something: its locker, m is NULL when nobody traces. */
static inline TraceLocker rt_user_acquire(void) {
    return rt_user_off() ? (TraceLocker){NULL} : rt_trace_acquire(port_get_m());
}

/* Memory with a copy of a name behind `size` bytes; ends the program if there is no memory. */
void *rt_user_named(size_t size, const char *name);

/* Of g, whose goroutine has ended. */
void rt_regions_drop(G *g);
/* g says something: what it has open is known to readers then. */
void rt_regions_tidy(TraceLocker l, G *g);

/* For the bridge over lost generations (trace_gap.c), while nobody may write. */
bool rt_regions_differ(G *g);              /* readers know others as open than are, */
void rt_regions_bridge(TraceBuf *b, G *g); /* which this tells; g runs, as far as b's readers know */
bool rt_tasks_differ(void);                /* the same of tasks, */
void rt_tasks_bridge(TraceBuf *b, G *g);   /* which g says */
void rt_tasks_clear(uint32_t shown);       /* readers know of all up to `shown` */

#endif
