/* sizes.c: size classes. (Go's mksizeclasses.go, whose table this makes when the heap begins: in the module there is
 * none)
 *
 * A block of n bytes gets the next larger size. Sizes grow by steps that become larger with them, so that at most an
 * eighth is lost there, but for the smallest; a span has as many pages as it takes to lose at most an eighth at its
 * end, and sizes that would share a span among as many blocks become one, the largest that does. So up to 12.5 % are
 * lost above 128 bytes, 10 % on average over all sizes (docs/heap.md has the table).
 */
#include "heap/sizes.h"

#define LARGE_STEP 128u /* sizes above 1024 are multiples */

static uint32_t step_from(uint32_t size, uint32_t step) {
    if (size & (size - 1))
        return step;
    return size >= 2048 ? 256 : size >= 128 ? size / 8 : size >= 32 ? 16 : step;
}

static uint32_t pages_for(uint32_t size) {
    uint32_t bytes = PAGE;
    while (bytes % size > bytes / 8)
        bytes += PAGE;
    return bytes / PAGE;
}

void rt_sizes_begin(Sizes *s) {
    uint32_t n = 0, step = 8;
    for (uint32_t size = step; size <= LARGEST_SMALL; size += step) {
        step = step_from(size, step);
        uint32_t pages = pages_for(size), bytes = pages * PAGE;
        if (n == 0 || pages != s->pages[n] || bytes / size != bytes / s->size[n])
            n++;
        s->size[n] = size;
        s->pages[n] = (uint8_t)pages;
    }
    for (uint32_t c = 1; c <= n; c++) {
        uint32_t bytes = s->pages[c] * PAGE, size = bytes / (bytes / s->size[c]) & ~(LARGE_STEP - 1);
        if (size > s->size[c])
            s->size[c] = size;
    }
    for (uint32_t c = 1, i = 0; i < sizeof s->small; s->small[i++] = (uint8_t)c)
        while (s->size[c] < i * 8)
            c++;
    for (uint32_t c = 1, i = 0; i < sizeof s->medium; s->medium[i++] = (uint8_t)c)
        while (s->size[c] < 1024 + i * 128)
            c++;
}
