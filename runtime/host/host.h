/* host.h: what the files of host/ share. */
#ifndef RT_HOST_H
#define RT_HOST_H

#include "drive/netpoll.h"

/* A piece of the bytes of a request. */
typedef struct Part {
    const void *at; /* may be NULL if n is 0 */
    size_t n;       /* bytes */
} Part;

/* The parts one after the other, malloc'd; NULL: no memory. */
char *rt_join_parts(const Part *parts, int n, size_t *size);
/* rt_host_ask with these bytes. False: r has the error. */
bool rt_ask_with_parts(HostRequest *q, gr_result *r, uint32_t kind, const Part *parts, int n, gr_site *site);
/* Makes *r an error with this text, malloc'd. Returns false. */
bool rt_result_error(gr_result *r, char *text);

/* The host has opened a stream by request id. NULL: no memory for ours, r has the error and the host is told. */
gr_stream *rt_stream_opened(uint32_t id, gr_result *r);
/* The next piece of s, at most `most` bytes, malloc'd with a NUL behind. False: the end, or an error. */
bool rt_stream_piece(gr_stream *s, uint32_t most, char **piece, size_t *n, gr_site *site);

#endif
