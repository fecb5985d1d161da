/* sizes.h: the sizes that small blocks come in; see sizes.c. */
#ifndef RT_HEAP_SIZES_H
#define RT_HEAP_SIZES_H

#include <stddef.h>
#include <stdint.h>

#define PAGE ((size_t)8192)
#define LARGEST_SMALL 32768u
#define NCLASSES 68 /* class 0: large, a span of its own */

typedef struct Sizes {
    uint32_t size[NCLASSES];                          /* bytes of a block */
    uint8_t pages[NCLASSES];                          /* of a span */
    uint8_t small[1024 / 8 + 1];                      /* class of n bytes: [(n + 7) / 8] up to 1024, */
    uint8_t medium[(LARGEST_SMALL - 1024) / 128 + 1]; /* [(n - 1024 + 127) / 128] above */
} Sizes;

void rt_sizes_begin(Sizes *s);

/* n <= LARGEST_SMALL */
static inline uint32_t rt_size_class(const Sizes *s, size_t n) {
    return n <= 1024 ? s->small[(n + 7) / 8] : s->medium[(n - 1024 + 127) / 128];
}

#endif
