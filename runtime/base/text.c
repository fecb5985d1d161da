/* text.c: see text.h. */
#include "base/port.h"
#include "base/text.h"
#include <string.h>

void rt_text_flush(Text *t) {
    if (t->is_report)
        port_report(t->s, t->n);
    else
        port_write(2, t->s, t->n);
    t->n = 0;
}

void rt_text_put(Text *t, const char *s) {
    for (size_t len = s ? strlen(s) : 0; len > 0;) {
        size_t room = sizeof t->s - t->n, k = len < room ? len : room;
        memcpy(t->s + t->n, s, k);
        t->n += k;
        s += k;
        len -= k;
        if (t->n == sizeof t->s)
            rt_text_flush(t);
    }
}

const char *rt_text_digits(uint64_t v, char d[TEXT_DIGITS]) {
    int at = TEXT_DIGITS - 1;
    d[at] = 0;
    do {
        d[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    return d + at;
}

void rt_text_i64(Text *t, int64_t v) {
    char d[TEXT_DIGITS];
    if (v < 0)
        rt_text_put(t, "-");
    rt_text_put(t, rt_text_digits(v < 0 ? 0 - (uint64_t)v : (uint64_t)v, d));
}
