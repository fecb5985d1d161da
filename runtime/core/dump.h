/* dump.h: the goroutines there are, for a host that looks on; see dump.c. */
#ifndef RT_DUMP_H
#define RT_DUMP_H

#include <stddef.h>
#include <stdint.h>

struct G;
/* The goroutines there are, as text, in pieces: fills text with whole lines, sets *n to their bytes and returns
 * what to pass as `from` for the next piece, NULL: that was the last. Begin with NULL. May be called at any time by
 * any thread, also by one that is no M; takes no lock, waits for nobody, stops nobody: each line is true of one
 * moment, all of them together need not be. */
struct G *rt_goroutines(struct G *from, char *text, size_t bytes, size_t *n);

/* The places of g's stack, innermost first, TRACE_MOST_FRAMES at most. 0: not known, or it runs. As it may go on
 * meanwhile they are for being shown only. */
struct port_place;
uint32_t rt_g_places(struct G *g, struct port_place *places);

#endif
