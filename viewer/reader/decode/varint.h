/* varint.h: unsigned LEB128 numbers, at most ten bytes, at most 64 bits. */
#ifndef GT_VARINT_H
#define GT_VARINT_H

#include <stdint.h>

enum { VARINT_SHORT = -1, VARINT_LONG = -2 };

/* Reads one number of at most n bytes; returns its length, or VARINT_SHORT (ends early), VARINT_LONG (over 64 bits). */
static inline int varint(const uint8_t *p, uint64_t n, uint64_t *out) {
    if (n && p[0] < 0x80) {
        *out = p[0];
        return 1;
    }
    uint64_t v = 0;
    for (int i = 0; i < 10; i++) {
        if ((uint64_t)i >= n)
            return VARINT_SHORT;
        uint8_t b = p[i];
        if (b < 0x80) {
            if (i == 9 && b > 1)
                return VARINT_LONG;
            *out = v | (uint64_t)b << (7 * i);
            return i + 1;
        }
        v |= (uint64_t)(b & 0x7f) << (7 * i);
    }
    return VARINT_LONG;
}

#endif
