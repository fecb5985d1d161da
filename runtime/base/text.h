/* text.h: text on its way to stderr, in pieces of its own size; for what is said when little else works: nothing
 * here allocates or uses stdio, and a Text fits a nearly full goroutine stack. */
#ifndef RT_TEXT_H
#define RT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Text {
    size_t n;       /* bytes used in s */
    bool is_report; /* of a failure (port_report) */
    char s[512];    /* what has not been written yet */
} Text;

void rt_text_flush(Text *t);
void rt_text_put(Text *t, const char *s); /* NULL is the empty text */
void rt_text_i64(Text *t, int64_t v);

#define TEXT_DIGITS 21
/* v in decimal, somewhere in d. */
const char *rt_text_digits(uint64_t v, char d[TEXT_DIGITS]);

#endif
