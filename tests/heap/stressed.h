/* stressed: what a program has to do with, once it lives from the collector's heap: included before a program of
 * another folder, whose blocks then come from gr_alloc and are never freed, and which collects wherever it makes a
 * goroutine or a channel. With GRDEBUG=gcstress=1 a cycle comes before each block too. */
#ifndef TESTS_HEAP_STRESSED_H
#define TESTS_HEAP_STRESSED_H

#include <goroscope.h>
#include <stdlib.h>
#include <string.h>

/* Not in a function that C calls before there is a scheduler, such as a constructor. */
static inline void stressed_cycle(void) {
    if (gr_goid())
        gr_gc();
}

#undef gr_go
#undef gr_chan_make
#define gr_go(fn, arg) (stressed_cycle(), gr_go_at((fn), (arg), 0, #fn, GR_SITE))
#define gr_chan_make(size, cap) (stressed_cycle(), gr_chan_make_at((size), (cap), GR_SITE))
#define malloc(n) gr_alloc(n)
#define calloc(n, each) gr_make_at((each), (n), GR_SITE)
#define realloc(p, n) gr_realloc(p, n)
#define free(p) ((void)(p))

#endif
