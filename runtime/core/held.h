/* held.h: memory of the runtime's in which values of the program lie: elements of channels, arguments of timers. As
 * malloc's, but it can be walked: a collector finds there what points to its blocks. Also for programs
 * (gr_root_alloc).
 */
#ifndef RT_HELD_H
#define RT_HELD_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Held {
    struct Held *next, *prev;
    void *from;
    size_t bytes;
} Held;

void *rt_held_alloc(size_t n); /* not zeroed; NULL: there is none */
void rt_held_free(void *p);
/* Memory that is there for good is such memory, too. False: there is none to note that in. */
bool rt_held_note(void *p, size_t n);
/* While nobody runs. The first, NULL: there is none. */
Held *rt_held_first(void);

#endif
