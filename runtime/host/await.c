/* await.c: what a program asks its host for and gets in one piece: results of asynchronous functions, of fetch. */
#include "host/host.h"
#include <stdlib.h>
#include <string.h>

#define BODY_PIECE (1u << 20) /* bytes of a body asked for at a time */

void gr_result_free(gr_result *r) {
    free(r->data);
    free(r->error);
    *r = (gr_result){0};
}

bool rt_result_error(gr_result *r, char *text) {
    free(r->data);
    r->data = NULL;
    r->size = 0;
    r->error = text;
    return false;
}

char *rt_join_parts(const Part *parts, int n, size_t *size) {
    size_t total = 0;
    for (int i = 0; i < n; i++)
        total += parts[i].n;
    char *all = malloc(total ? total : 1);
    if (!all)
        return NULL;
    char *to = all;
    for (int i = 0; i < n; i++) {
        if (parts[i].n > 0)
            memcpy(to, parts[i].at, parts[i].n);
        to += parts[i].n;
    }
    *size = total;
    return all;
}

bool rt_ask_with_parts(HostRequest *q, gr_result *r, uint32_t kind, const Part *parts, int n, gr_site *site) {
    *r = (gr_result){0};
    size_t size;
    char *bytes = rt_join_parts(parts, n, &size);
    if (!bytes)
        return rt_result_error(r, strdup("out of memory (for a request to the host)"));
    bool asked = rt_host_ask(q, kind, 0, bytes, size, site);
    free(bytes);
    if (!asked)
        return rt_result_error(r, strdup("this host offers no functions, streams or fetch to programs"));
    if (q->what == PORT_ERROR || !q->data)
        return rt_result_error(r, rt_host_error(q));
    return true;
}

bool gr_await_at(const char *name, const void *arg, size_t n, gr_result *r, gr_site *site) {
    HostRequest q;
    Part parts[] = {{name, strlen(name) + 1}, {arg, n}};
    if (!rt_ask_with_parts(&q, r, PORT_AWAIT, parts, 2, site))
        return false;
    r->data = q.data;
    r->size = q.size;
    return true;
}

bool gr_await_text_at(const char *name, const char *arg, gr_result *r, gr_site *site) {
    return gr_await_at(name, arg, arg ? strlen(arg) : 0, r, site);
}

/* ---- fetch --------------------------------------------------------------------------------------------------- */

gr_stream *gr_fetch_open_at(const char *url, const gr_fetch_options *o, gr_result *r, gr_site *site) {
    static const gr_fetch_options get = {0};
    if (!o)
        o = &get;
    const char *method = o->method ? o->method : "GET", *headers = o->headers ? o->headers : "";
    HostRequest q;
    Part parts[] = {
        {url, strlen(url) + 1}, {method, strlen(method) + 1}, {headers, strlen(headers) + 1}, {o->body, o->body_size}};
    if (!rt_ask_with_parts(&q, r, PORT_FETCH, parts, 4, site))
        return NULL;
    r->status = atoi(q.data);
    free(q.data);
    return rt_stream_opened(q.id, r);
}

bool gr_fetch_at(const char *url, const gr_fetch_options *o, gr_result *r, gr_site *site) {
    gr_stream *s = gr_fetch_open_at(url, o, r, site);
    if (!s)
        return false;
    size_t room = 0;
    for (;;) {
        char *piece;
        size_t n;
        if (!rt_stream_piece(s, BODY_PIECE, &piece, &n, site))
            break;
        if (!r->data) { /* most bodies come in one piece */
            r->data = piece;
            r->size = room = n;
            continue;
        }
        if (r->size + n > room) {
            room = room * 2 > r->size + n ? room * 2 : r->size + n;
            char *more = realloc(r->data, room + 1);
            if (!more) {
                free(piece);
                gr_stream_close(s);
                return rt_result_error(r, strdup("out of memory (for the body of an answer)"));
            }
            r->data = more;
        }
        memcpy(r->data + r->size, piece, n);
        r->size += n;
        r->data[r->size] = 0;
        free(piece);
    }
    const char *error = gr_stream_error(s);
    if (error)
        rt_result_error(r, strdup(error));
    else if (!r->data)
        r->data = calloc(1, 1);
    gr_stream_close(s);
    return !r->error;
}
