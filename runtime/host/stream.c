/* stream.c: bytes that come from the host, or go there, bit by bit: stdin, bodies of fetch, what the host offers by
 * name. Each piece is asked for when the one before has been used up, so the host gets no further ahead.
 */
#include "core/exit.h"
#include "core/park.h"
#include "host/host.h"
#include <stdlib.h>
#include <string.h>

#define PIECE (64u << 10)

struct gr_stream {
    uint32_t id;      /* the host's name for it; 0: stdin */
    gr_mutex reading; /* one goroutine reads at a time */
    gr_mutex writing; /* and one writes */
    char *piece;      /* what has come and was not read yet: */
    size_t at, size;  /* [at, size) of it */
    bool ended;
    char *error; /* malloc'd */
};

static gr_stream from_stdin;

gr_stream *gr_stdin(void) { return &from_stdin; }

gr_stream *rt_stream_opened(uint32_t id, gr_result *r) {
    gr_stream *s = calloc(1, sizeof *s);
    if (s) {
        s->id = id;
    } else {
        rt_host_tell(PORT_CLOSE, 0, id, NULL, 0);
        rt_result_error(r, strdup("out of memory (for a stream)"));
    }
    return s;
}

gr_stream *gr_stream_open_at(const char *name, const char *arg, gr_result *r, gr_site *site) {
    HostRequest q;
    Part parts[] = {{name, strlen(name) + 1}, {arg, arg ? strlen(arg) : 0}};
    if (!rt_ask_with_parts(&q, r, PORT_OPEN, parts, 2, site))
        return NULL;
    free(q.data);
    return rt_stream_opened(q.id, r);
}

void gr_stream_close(gr_stream *s) {
    rt_must_be_here();
    if (!s || s == &from_stdin)
        return;
    rt_host_tell(PORT_CLOSE, 0, s->id, NULL, 0);
    free(s->piece);
    free(s->error);
    free(s);
}

const char *gr_stream_error(gr_stream *s) { return s->error; }

/* ---- reading ------------------------------------------------------------------------------------------------- */

bool rt_stream_piece(gr_stream *s, uint32_t most, char **piece, size_t *n, gr_site *site) {
    HostRequest q;
    if (s->ended || s->error)
        return false;
    if (s->id == 0)
        rt_output_flush_g(rt_getg()); /* a prompt is to be seen before its answer is waited for */
    if (!rt_host_ask(&q, PORT_READ, s->id, &most, sizeof most, site)) {
        s->error = strdup("this host has no stdin for programs");
        return false;
    }
    if (q.what == PORT_ERROR || !q.data) {
        s->error = rt_host_error(&q);
        return false;
    }
    if (q.what == PORT_END) {
        free(q.data);
        s->ended = true;
        return false;
    }
    *piece = q.data;
    *n = q.size;
    return true;
}

/* There is something to be read in s->piece. False: the end, or an error. s->reading is held. */
static bool fill(gr_stream *s, gr_site *site) {
    while (s->at == s->size) {
        free(s->piece);
        s->piece = NULL;
        s->at = s->size = 0;
        if (!rt_stream_piece(s, PIECE, &s->piece, &s->size, site))
            return false;
    }
    return true;
}

ptrdiff_t gr_stream_read_at(gr_stream *s, void *buf, size_t n, gr_site *site) {
    ptrdiff_t got = 0;
    gr_mutex_lock_at(&s->reading, site);
    if (n > 0 && fill(s, site)) {
        got = (ptrdiff_t)(s->size - s->at < n ? s->size - s->at : n);
        memcpy(buf, s->piece + s->at, (size_t)got);
        s->at += (size_t)got;
    } else if (n > 0 && s->error) {
        got = -1;
    }
    gr_mutex_unlock_at(&s->reading, site);
    return got;
}

char *gr_stream_line_at(gr_stream *s, size_t *n, gr_site *site) {
    char *line = NULL;
    size_t have = 0;
    gr_mutex_lock_at(&s->reading, site);
    for (bool whole = false; !whole && fill(s, site);) {
        const char *from = s->piece + s->at, *end = memchr(from, '\n', s->size - s->at);
        size_t k = end ? (size_t)(end - from) : s->size - s->at;
        char *more = realloc(line, have + k + 1);
        if (!more) {
            s->error = strdup("out of memory (for a line)");
            break;
        }
        line = more;
        memcpy(line + have, from, k);
        have += k;
        line[have] = 0;
        whole = end != NULL;
        s->at += k + whole;
    }
    if (s->error) {
        free(line);
        line = NULL;
    }
    gr_mutex_unlock_at(&s->reading, site);
    if (n)
        *n = line ? have : 0;
    return line;
}

/* ---- writing ------------------------------------------------------------------------------------------------- */

/* Asks and waits until the host has done it. */
static bool push(gr_stream *s, uint32_t kind, const void *bytes, size_t n, gr_site *site) {
    HostRequest q;
    bool ok = false;
    gr_mutex_lock_at(&s->writing, site);
    if (s->error) {
    } else if (!rt_host_ask(&q, kind, s->id, bytes, n, site)) {
        s->error = strdup("this stream cannot be written to");
    } else if (q.what == PORT_OK && q.data) {
        free(q.data);
        ok = true;
    } else {
        s->error = rt_host_error(&q);
    }
    gr_mutex_unlock_at(&s->writing, site);
    return ok;
}

bool gr_stream_write_at(gr_stream *s, const void *buf, size_t n, gr_site *site) {
    const char *from = buf;
    for (size_t k; n > 0; from += k, n -= k) {
        k = n < PIECE ? n : PIECE;
        if (!push(s, PORT_WRITE, from, k, site))
            return false;
    }
    return true;
}

bool gr_stream_shut_at(gr_stream *s, gr_site *site) { return push(s, PORT_SHUT, NULL, 0, site); }
