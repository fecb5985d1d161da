/* window.h: which generations the ring still holds whole, as far as others than its reader may see them. */
#ifndef RT_WINDOW_H
#define RT_WINDOW_H

#include "format/trace_region.h"
#include <stdbool.h>

/* All by who holds the ring's lock. begins: a trace may begin with the generation. */
void rt_window_init(TraceTail *tail, uint64_t pos, int64_t ns);
/* A generation is whole, the next begins at pos; time is ns. */
void rt_window_add(uint64_t pos, int64_t ns, bool begins);
/* Bytes before `limit` are about to be written over. */
void rt_window_evict(uint64_t limit);
/* A flight recorder keeps what is later than ns, and what else it takes to begin a trace with. */
void rt_window_forget(int64_t ns);

#endif
