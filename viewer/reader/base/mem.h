/* mem.h: growing arrays and text for the reader; every allocation may fail and says so. */
#ifndef GT_MEM_H
#define GT_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As malloc (zeroed), realloc, free, counted against the limit of gt_mem_limit. `old` is the size given before. */
void *gt_alloc(size_t size);
void *gt_realloc(void *p, size_t old, size_t size);
void gt_free(void *p, size_t size);

/*
 * Makes room for `want` elements in an array of *cap; doubles. `array` is the address of the pointer to its first one.
 * False = out of memory, the array is untouched.
 */
bool gt_grow(void *array, uint32_t *cap, uint32_t want, size_t elem);

/* A typed growing array: VEC(type) name; fields p (elements), n (in use), cap (room). */
#define VEC(type)                                                                                                      \
    struct {                                                                                                           \
        type *p;                                                                                                       \
        uint32_t n, cap;                                                                                               \
    }
#define VEC_ROOM(v, want) ((want) <= (v)->cap || gt_grow(&(v)->p, &(v)->cap, (want), sizeof *(v)->p))
#define VEC_FREE(v) (gt_free((v)->p, (size_t)(v)->cap * sizeof *(v)->p), (v)->p = 0, (v)->n = (v)->cap = 0)

/* Text being built. A failed allocation sets `failed` and drops the rest; look once at the end. */
struct text {
    char *p;         /* bytes, not terminated */
    uint32_t n, cap; /* in use, room */
    bool failed;     /* some text is missing: memory ran out */
};

void gt_text_bytes(struct text *t, const char *p, uint32_t n);
void gt_text_str(struct text *t, const char *s);
void gt_text_char(struct text *t, char c);
void gt_text_u64(struct text *t, uint64_t v);
void gt_text_i64(struct text *t, int64_t v);
void gt_text_hex(struct text *t, uint64_t v);
/* "…" with the escapes of Go's %q. */
void gt_text_go_quote(struct text *t, const char *p, uint32_t n);
/* "…" for JSON; bytes that are not UTF-8 become U+FFFD. */
void gt_text_json_quote(struct text *t, const char *p, uint32_t n);
void gt_text_free(struct text *t);

/* Length of the valid UTF-8 sequence at p (1 to 4), or 0. */
uint32_t gt_utf8_len(const uint8_t *p, uint32_t n);
/* Whether Go takes the valid sequence of 2 to 4 bytes at p for printable (printable.c); *rune = its code point. */
bool gt_utf8_printable(const uint8_t *p, uint32_t len, uint32_t *rune);

#endif
