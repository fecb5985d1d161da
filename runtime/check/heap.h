/* heap.h: what the program's own calls of malloc and free say before: where they stand. wasm/passes/sites.mjs writes
 * them into the program's text, heap.c remembers. */
#ifndef RT_HEAP_H
#define RT_HEAP_H

#include <goroscope.h>
#include <stddef.h>

/* Each returns its first argument, which the next call of malloc or free is about. */
void *rt_heap_pointer(const void *p, gr_site *site);
size_t rt_heap_size(size_t n, gr_site *site);
/* Of strdup, whose malloc has another argument. */
const char *rt_heap_text(const char *s, gr_site *site);

#define CALL_OF_ANY ((uintptr_t)-1)

#endif
