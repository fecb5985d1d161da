/* netpoll.h: the poller: asking the host for something that takes its time; used by the files of runtime/host. See
 * netpoll.c. Names: a goroutine calls rt_host_ask, which parks; the port passes the request on (port_request), under
 * the loader by calling host_request. All host_… without rt_ are the loader's functions (wasm/port/host.h). */
#ifndef RT_NETPOLL_H
#define RT_NETPOLL_H

#include "core/sched.h"

/* One request and its answer. Lies on the asking goroutine's stack. */
typedef struct HostRequest {
    uint32_t id;               /* of all that are under way; from HOST_CALLS on: the host's, a call into the program */
    uint32_t what;             /* PortAnswer, 0: not answered yet */
    struct HostRequest *next;  /* link of its bucket, then of the answered ones */
    G *g;                      /* waits for it; NULL: has not parked yet */
    char *data;                /* the answer, malloc'd, a NUL behind; NULL: there was no memory for it */
    size_t size, have;         /* bytes of it, and how many have come */
    int64_t due_ns;            /* virtual clock: when the answer counts as given; 0: when it comes */
    struct HostRequest *later; /* virtual clock: asked after this one */
} HostRequest;

/* Passes a request on and waits for the answer, which is then in r; r->data is the caller's to free. False: this
 * host answers none of the kind. kind: PortRequest; stream: what it is about, 0: stdin. [parks] */
bool rt_host_ask(HostRequest *r, uint32_t kind, uint32_t stream, const void *bytes, size_t n, gr_site *site);
/* The same for kinds that are not answered. */
bool rt_host_tell(uint32_t kind, uint32_t id, uint32_t stream, const void *bytes, size_t n);

/* The end of a request that did not give what was asked for: the text of the error, malloc'd. */
char *rt_host_error(const HostRequest *r);

/* The program has functions to be called: from now on the host can make it go on at any time. */
void rt_netpoll_expect_calls(void);
/* host/callable.c: a call into the program, r->what being PORT_CALL or PORT_DEBUG_CALL. r is the callee's to free. */
void rt_host_call(HostRequest *r);

/* By port_answers, once for each piece of an answer: total bytes in all, n of them here, in order. what: PortAnswer. */
void rt_answer(uint32_t id, uint32_t what, uint32_t total, const void *bytes, size_t n);

/* ---- for the drivers ---- */

/* Virtual clock: when the next answer counts as given; INT64_MAX: any time, or none is expected. */
int64_t rt_netpoll_due(void);
bool rt_netpoll_due_others(void); /* further ones are to come after that */
bool rt_netpoll_take_due(void);   /* it does now: rt_netpoll will take it. False: the host has not answered yet */
void rt_netpoll_no_order(void);   /* what is outstanding counts as answered when it is */
/* threads.c: answers are expected again; the M that sleeps for timers shall watch the host as well. */
void rt_host_expected(void);

#endif
