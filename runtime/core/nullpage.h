/* nullpage.h: writes through null pointers. In wasm no page faults there: memory begins at address 0, and the
 * linker leaves the first KiB to nobody. It is filled with a pattern; what is no longer as it was has been written
 * to. The first 16 bytes, where most such writes go, are looked at whenever a goroutine leaves its P, the others
 * now and then and at the end. The pattern is no address that memory usually has: what reads a pointer through a
 * null pointer and uses it traps.
 *
 * Natively the page faults (runtime/port/native.c).
 */
#ifndef RT_NULLPAGE_H
#define RT_NULLPAGE_H

#include "base/throw.h"
#include "format/limits.h"

_Noreturn void rt_null_pointer(const char *what, uint32_t at, const char *when, gr_site *site); /* panic.c */

extern uint32_t rt_null_stopped; /* panic.c; set before a trap: 1 + the address memset or memcpy was to write to */

#ifdef __wasm__

/* NULL_PAGE: what wasm-ld leaves free before the first static variable; tests/abi looks. */
#define NULL_PATTERN (UINT64_C(0x0101010101010101) * NULL_BYTE)

/* Of a pointer the compiler does not know to be null. */
static inline const uint64_t *rt_null_page(void) {
    uint64_t *p = NULL;
    __asm__("" : "+r"(p));
    return p;
}

static inline bool rt_null_page_is_clean(void) {
    const uint64_t *p = rt_null_page();
    return ((p[0] ^ NULL_PATTERN) | (p[1] ^ NULL_PATTERN)) == 0;
}

static inline void rt_null_page_begin(void) {
    uint64_t *p = (uint64_t *)(uintptr_t)rt_null_page();
    for (int i = 0; i < NULL_PAGE / 8; i++)
        p[i] = NULL_PATTERN;
}

/* The lowest address written to, NULL_PAGE: none. */
static inline uint32_t rt_null_page_written(void) {
    const uint64_t *p = rt_null_page();
    uint32_t at = 0;
    while (at < NULL_PAGE && p[at / 8] == NULL_PATTERN)
        at += 8;
    while (at < NULL_PAGE && ((const uint8_t *)p)[at] == (uint8_t)NULL_PATTERN)
        at++;
    return at;
}

/* The whole page. */
static inline void rt_null_page_check(const char *when, gr_site *site) {
    uint32_t at = rt_null_page_written();
    if (__builtin_expect(at < NULL_PAGE, 0))
        rt_null_pointer("a write to", at, when, site);
}

#else

static inline bool rt_null_page_is_clean(void) { return true; }
static inline void rt_null_page_begin(void) {}
static inline void rt_null_page_check(const char *when, gr_site *site) { (void)when, (void)site; }

#endif

#endif
