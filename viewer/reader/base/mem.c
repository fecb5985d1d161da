/* mem.c: growing arrays, counted memory with an optional cap, and text building. */
#include "base/mem.h"
#include "goroscope_trace.h"

#include <stdlib.h>
#include <string.h>

static size_t mem_used;  /* bytes given out by this module and not freed */
static size_t mem_limit; /* 0 = none */

double gt_mem_used(void) { return (double)mem_used; }

void gt_mem_limit(double bytes) { mem_limit = bytes > 0 ? (size_t)bytes : 0; }

#ifdef __EMSCRIPTEN__
/* The C library calls this at each growth and would import it from JS; nobody has to know. */
void emscripten_notify_memory_growth(size_t index) { (void)index; }
#endif

/* When the memory has grown, it grows by a quarter more: to JS it is another ArrayBuffer then, and V8 takes each for as
 * much memory as all of it and collects garbage. dlmalloc grows by 64 kB: to decode 873 generations of 480 bytes again
 * and keep them took 5.9 s, 4.4 of it the collector's; so it takes 0.7 (node 20). What is not written to costs nothing.
 */
__attribute__((noinline)) static void grow_ahead(void) {
#ifdef __wasm__
    static size_t pages;
    if (__builtin_wasm_memory_size(0) == pages)
        return;
    void *volatile ahead = malloc(__builtin_wasm_memory_size(0) / 4 * 65536); /* volatile: else left out */
    free(ahead);
    pages = __builtin_wasm_memory_size(0);
#endif
}

void *gt_realloc(void *p, size_t old, size_t size) {
    if (mem_limit && size > old && mem_used + (size - old) > mem_limit)
        return NULL;
    void *q = realloc(p, size);
    if (q)
        mem_used += size - old;
    grow_ahead();
    return q;
}

void *gt_alloc(size_t size) {
    void *p = gt_realloc(NULL, 0, size);
    if (p)
        memset(p, 0, size);
    return p;
}

void gt_free(void *p, size_t size) {
    if (!p)
        return;
    mem_used -= size;
    free(p);
}

bool gt_grow(void *array, uint32_t *cap, uint32_t want, size_t elem) {
    uint64_t room = *cap ? *cap : 16;
    while (room < want)
        room *= 2;
    if (room > UINT32_MAX || room > SIZE_MAX / 2 / elem)
        return false;
    /* The array is a pointer of some type: copied as bytes, since a void * lvalue may not alias it. */
    void *p;
    memcpy(&p, array, sizeof p);
    p = gt_realloc(p, (size_t)*cap * elem, (size_t)room * elem);
    if (!p)
        return false;
    memcpy(array, &p, sizeof p);
    *cap = (uint32_t)room;
    return true;
}

void gt_text_bytes(struct text *t, const char *p, uint32_t n) {
    if (n > t->cap - t->n) {
        if (t->failed || n > UINT32_MAX / 2 - t->n || !gt_grow(&t->p, &t->cap, t->n + n, 1)) {
            t->failed = true;
            return;
        }
    }
    if (n)
        memcpy(t->p + t->n, p, n);
    t->n += n;
}

void gt_text_str(struct text *t, const char *s) { gt_text_bytes(t, s, (uint32_t)strlen(s)); }

void gt_text_char(struct text *t, char c) { gt_text_bytes(t, &c, 1); }

void gt_text_u64(struct text *t, uint64_t v) {
    char digits[20];
    uint32_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    gt_text_bytes(t, digits + at, (uint32_t)sizeof digits - at);
}

void gt_text_i64(struct text *t, int64_t v) {
    if (v < 0)
        gt_text_char(t, '-');
    gt_text_u64(t, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

static const char hex_digits[] = "0123456789abcdef";

void gt_text_hex(struct text *t, uint64_t v) {
    char digits[16];
    uint32_t at = sizeof digits;
    do {
        digits[--at] = hex_digits[v & 15];
        v >>= 4;
    } while (v);
    gt_text_bytes(t, digits + at, (uint32_t)sizeof digits - at);
}

uint32_t gt_utf8_len(const uint8_t *p, uint32_t n) {
    if (n == 0)
        return 0;
    uint8_t c = p[0];
    if (c < 0x80)
        return 1;
    uint32_t want = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (c < 0xc2 || c > 0xf4 || n < want)
        return 0;
    for (uint32_t i = 1; i < want; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f))
        return 0; /* overlong, surrogates */
    if ((c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] > 0x8f))
        return 0; /* overlong, above U+10FFFF */
    return want;
}

static void text_byte_escape(struct text *t, uint8_t c, const char *prefix) {
    gt_text_str(t, prefix);
    gt_text_char(t, hex_digits[c >> 4]);
    gt_text_char(t, hex_digits[c & 15]);
}

/* The one-letter escape of an ASCII character, or 0. */
static char short_escape(uint8_t c, bool go) {
    switch (c) {
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    case '\a':
        return go ? 'a' : 0;
    case '\v':
        return go ? 'v' : 0;
    case '"':
        return '"';
    case '\\':
        return '\\';
    default:
        return 0;
    }
}

/* A character of 2 to 4 bytes: as it is, or as \u1234 or \U00012345. */
static void text_wide(struct text *t, const uint8_t *p, uint32_t len, bool go) {
    uint32_t rune;
    if (!go || gt_utf8_printable(p, len, &rune)) {
        gt_text_bytes(t, (const char *)p, len);
        return;
    }
    uint32_t digits = rune < 0x10000 ? 4 : 8;
    gt_text_str(t, digits == 4 ? "\\u" : "\\U");
    while (digits--)
        gt_text_char(t, hex_digits[rune >> 4 * digits & 15]);
}

static void text_quote(struct text *t, const char *s, uint32_t n, bool go) {
    const uint8_t *p = (const uint8_t *)s;
    gt_text_char(t, '"');
    for (uint32_t i = 0; i < n;) {
        uint8_t c = p[i];
        uint32_t len = gt_utf8_len(p + i, n - i);
        char letter = short_escape(c, go);
        if (letter) {
            gt_text_char(t, '\\');
            gt_text_char(t, letter);
        } else if (len > 1) {
            text_wide(t, p + i, len, go);
        } else if (len == 1 && c >= 0x20 && c != 0x7f) {
            gt_text_char(t, (char)c);
        } else if (go) {
            text_byte_escape(t, c, "\\x");
        } else if (len == 1) {
            text_byte_escape(t, c, "\\u00");
        } else {
            gt_text_str(t, "\xef\xbf\xbd");
        }
        i += len ? len : 1;
    }
    gt_text_char(t, '"');
}

void gt_text_go_quote(struct text *t, const char *p, uint32_t n) { text_quote(t, p, n, true); }

void gt_text_json_quote(struct text *t, const char *p, uint32_t n) { text_quote(t, p, n, false); }

void gt_text_free(struct text *t) {
    gt_free(t->p, t->cap);
    *t = (struct text){0};
}
