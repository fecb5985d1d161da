/* specials.h: what hangs on a block, to be seen to when the block is freed; see specials.c. */
#ifndef RT_HEAP_SPECIALS_H
#define RT_HEAP_SPECIALS_H

#include "heap/heap.h"

typedef enum SpecialKind { SPECIAL_CLEANUP, SPECIAL_SAMPLE } SpecialKind;

/* First member of what its kind needs. */
typedef struct Special {
    struct Special *next; /* on its span */
    uint32_t block;       /* of the span */
    SpecialKind kind;
} Special;

void rt_special_put(Span *s, Special *x);
bool rt_special_remove(Span *s, Special *x); /* false: its block has been freed */
void rt_specials_sweep(Span *s);             /* its blocks that are not marked are about to be free */

/* By kind, with no lock held; x is theirs. */
void rt_cleanup_due(Special *x);
void rt_sample_freed(Special *x);

#endif
