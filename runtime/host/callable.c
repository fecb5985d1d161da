/* callable.c: functions of the program that the host calls: rt.call, rt.debugCall. The poller hands each call over;
 * it runs in a goroutine of its own, on an extra M (core/extram.c), and is answered by a request that is not
 * answered itself.
 */
#include "base/text.h"
#include "core/extram.h"
#include "host/host.h"
#include <stdlib.h>
#include <string.h>

/* One call, from the poller to the end of its goroutine. */
typedef struct HostCall {
    gr_call public; /* first: what the function sees */
    uint32_t id;
    bool answered, returned;
    uint64_t goid; /* of the goroutine that is to stand still meanwhile; 0: none */
    gr_callable *callable;
    HostRequest *request;
} HostCall;

enum { REPLY_RESULT, REPLY_ERROR };

static gr_callable *callables;
static gr_site outside = {"(outside)", "(host)", 0, 0};

/* By constructors: nothing else runs yet. */
void gr_callable_add(gr_callable *c) {
    c->next = callables;
    callables = c;
    if (port_has_calls)
        rt_netpoll_expect_calls();
}

/* What every program has: rt.trace.start, rt.trace.stop, and others. Names that no function of C can have. */
static void start_trace(gr_call *call) {
    gr_trace_options options = {.ring_bytes = strtoul(call->data, NULL, 10)};
    const char *why = gr_trace_start_at(&options, &outside);
    if (why)
        gr_call_fail(call, why);
}
static void stop_trace(gr_call *call) {
    const char *why = gr_trace_stop_at(&outside);
    if (why)
        gr_call_fail(call, why);
}
/* rt.setProcs: as many Ps; answered by how many there are. */
static void set_procs(gr_call *call) {
    gr_gomaxprocs_at((int)strtoul(call->data, NULL, 10), &outside);
    char digits[TEXT_DIGITS];
    const char *n = rt_text_digits((uint64_t)gr_gomaxprocs_at(0, &outside), digits);
    gr_call_reply(call, n, strlen(n));
}
/* rt.callables: their names, a line each. */
static void list_callables(gr_call *call) {
    size_t n = 0, at = 0;
    for (gr_callable *c = callables; c; c = c->next)
        n += strlen(c->name) + 1;
    char *names = malloc(n + 1);
    if (!names) {
        gr_call_fail(call, "out of memory (for the names of callable functions)");
        return;
    }
    for (gr_callable *c = callables; c; c = c->next) {
        size_t length = strlen(c->name);
        memcpy(names + at, c->name, length);
        at += length;
        names[at++] = '\n';
    }
    gr_call_reply(call, names, n);
    free(names);
}
static gr_callable own[] = {{.name = "trace.start", .fn = start_trace},
                            {.name = "trace.stop", .fn = stop_trace},
                            {.name = "sched.procs", .fn = set_procs},
                            {.name = "sched.callables", .fn = list_callables}};

static gr_callable *callable_named(const char *name) {
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(own[i].name, name) == 0)
            return &own[i];
    for (gr_callable *c = callables; c; c = c->next)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

/* ---- answers ------------------------------------------------------------------------------------------------- */

#define MOST_PARTS 3

static Part text_part(const char *s) { return (Part){s, strlen(s)}; }

/* Errors are put together from parts, not by snprintf: that calls through pointers, and below the scheduler's
 * loops, where rt_host_call is, nothing may (tests/abi/suspend.test.mjs). */
static void reply(uint32_t id, char how, const Part *parts, int n) {
    Part whole[1 + MOST_PARTS] = {{&how, 1}};
    for (int i = 0; i < n; i++)
        whole[1 + i] = parts[i];
    size_t size;
    char *all = rt_join_parts(whole, 1 + n, &size);
    if (all)
        rt_host_tell(PORT_REPLY, id, 0, all, size);
    else
        rt_host_tell(PORT_REPLY, id, 0, "\1out of memory (for the answer)", 31);
    free(all);
}

static void answer(gr_call *call, char how, const Part *parts, int n) {
    HostCall *c = (HostCall *)call;
    if (c->answered)
        gr_panic("a call of the host's is answered twice");
    c->answered = true;
    reply(c->id, how, parts, n);
}

void gr_call_reply(gr_call *call, const void *bytes, size_t n) { answer(call, REPLY_RESULT, &(Part){bytes, n}, 1); }

void gr_call_fail(gr_call *call, const char *error) {
    Part text = text_part(error);
    answer(call, REPLY_ERROR, &text, 1);
}

static void fail(HostCall *c, const char *what) {
    Part text[] = {text_part(c->callable->name), {" ", 1}, text_part(what)};
    answer(&c->public, REPLY_ERROR, text, 3);
}

/* ---- the call's goroutine ------------------------------------------------------------------------------------ */

/* Deferred: the function may have ended its goroutine. */
static void finish(void *arg) {
    HostCall *c = arg;
    if (!c->answered && c->returned)
        gr_call_reply(&c->public, NULL, 0);
    else if (!c->answered)
        fail(c, "ended its goroutine without an answer");
    free(c->request->data);
    free(c->request);
    free(c);
}

static void run(void *arg) {
    HostCall *c = arg;
    c->callable->fn(&c->public);
}

static void run_call(void *arg) {
    HostCall *c = arg;
    gr_defer(finish, c);
    if (c->goid == 0)
        run(c);
    else if (!gr_debug_call_at(c->goid, run, c, &outside))
        fail(c, "was not called: there is no such goroutine, or another debug call is at it");
    c->returned = true;
}

/* ---- the poller's side --------------------------------------------------------------------------------------- */

void rt_host_call(HostRequest *r) {
    uint64_t goid = 0;
    size_t at = r->what == PORT_DEBUG_CALL ? sizeof goid : 0, name_bytes = 0;
    if (r->data && r->size > at) {
        memcpy(&goid, r->data, at);
        name_bytes = strlen(r->data + at) + 1; /* there is a NUL behind the data */
    }
    gr_callable *callable = name_bytes ? callable_named(r->data + at) : NULL;
    HostCall *c = callable && at + name_bytes <= r->size ? malloc(sizeof *c) : NULL;
    if (c) {
        gr_call public = {r->data + at + name_bytes, r->size - at - name_bytes};
        *c = (HostCall){.public = public, .id = r->id, .goid = goid, .callable = callable, .request = r};
        rt_call_from_outside(run_call, c);
        return;
    }
    if (name_bytes && !callable) {
        Part text[] = {text_part("the program has no callable function \""),
                       {r->data + at, name_bytes - 1 < 100 ? name_bytes - 1 : 100},
                       text_part("\" (GR_CALLABLE)")};
        reply(r->id, REPLY_ERROR, text, 3);
    } else {
        Part text = text_part("out of memory (for a call)");
        reply(r->id, REPLY_ERROR, &text, 1);
    }
    free(r->data);
    free(r);
}
