/* trace_regions.c: regions of goroutines. (Go's traceruntime.go, order.go)
 *
 * To readers the open regions of a goroutine are a stack, which they carry on from one generation to the next; they
 * reject a trace in which another than the innermost ends. So while tracing each goroutine remembers its own: to end
 * them in order whatever the program does, and to tell the difference when generations have been lost.
 *
 * Invariants
 *  1. G.regions is the goroutine's alone; others look at it while nobody may write (trace_gap.c).
 *  2. A region that has ended stays there until readers know of its end, unless they cannot have seen it begin. So
 *     those that they know as open are those begun up to the last generation that they have and ended later, if at all.
 *  3. Regions nest: those that readers know as open and that are open are the outermost of both. The bridge ends what
 *     else readers know, then begins what else is open.
 *  4. A region belongs to one tracing: what is left of an earlier one is dropped.
 */
#include "core/trace_user.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

typedef struct Region {
    struct Region *outer; /* begun before it; may have ended */
    uint64_t id;          /* no other region of the goroutine has it */
    gr_task task;         /* for which it is, 0: none */
    gr_site *site;        /* where it began */
    TraceSpan span;
    char name[];
} Region;

void *rt_user_named(size_t size, const char *name) {
    size_t n = name ? strnlen(name, TRACE_MAX_STRING + 1) : 0; /* one more: that it is cut off shows */
    char *s = malloc(size + n + 1);
    if (!s)
        rt_fatal("out of memory (tasks and regions of the trace)");
    memcpy(s + size, name ? name : "", n);
    s[size + n] = 0;
    return s;
}

void rt_regions_drop(G *g) {
    for (Region *r = g->regions, *outer; r; r = outer) {
        outer = r->outer;
        free(r);
    }
    g->regions = NULL;
}

static bool is_of_this_tracing(G *g) { return g->tracing == rt_trace_control.tracing; }

static void write_begin(TraceBuf *b, G *g, Region *r) {
    r->span.begun = b->gen;
    rt_ev_region_begin(b, &g->trace, r->task, rt_trace_string(b->gen, r->name), rt_trace_stack(b->gen, r->site));
}
static void write_end(TraceBuf *b, G *g, Region *r, gr_site *site) {
    rt_ev_region_end(b, &g->trace, r->task, rt_trace_string(b->gen, r->name), rt_trace_stack(b->gen, site));
}

static Region *reversed(Region *r) {
    Region *outer = NULL;
    for (Region *next; r; r = next) {
        next = r->outer;
        r->outer = outer;
        outer = r;
    }
    return outer;
}

/* Begins those that are open and that readers do not know, outermost first. bridging: as of generation `shown`; else
 * those from before the trace. No call by pointer: whatever may reach one suspends (tests/abi/suspend.test.mjs). */
static void begin_again(TraceBuf *b, G *g, bool bridging, uint32_t shown) {
    Region *outermost = reversed(g->regions);
    for (Region *r = outermost; r; r = r->outer)
        if (r->span.ended == 0 &&
            (bridging ? !rt_span_is_known_open(r->span, shown) : rt_span_is_before_trace(r->span)))
            write_begin(b, g, r);
    g->regions = reversed(outermost);
}

/* Drops what an earlier tracing has left, and what readers know to have ended. */
static void drop_ended(G *g) {
    if (!is_of_this_tracing(g)) {
        rt_regions_drop(g);
        g->tracing = rt_trace_control.tracing;
    }
    uint32_t shown = atomic_load(&rt_tracer.shown);
    for (Region **at = &g->regions; *at;) {
        Region *r = *at;
        if (rt_span_is_over(r->span, shown)) {
            *at = r->outer;
            free(r);
        } else {
            at = &r->outer;
        }
    }
}

void rt_regions_tidy(TraceLocker l, G *g) {
    drop_ended(g);
    if (__builtin_expect(g->regions && rt_span_is_before_trace(g->regions->span), 0)) /* then so are all */
        begin_again(rt_locker_buf(l), g, false, 0);
}

static Region *innermost(Region *r) {
    while (r && r->span.ended)
        r = r->outer;
    return r;
}

static bool is_named(Region *r, const char *name) { return strncmp(r->name, name, TRACE_MAX_STRING + 1) == 0; }

/* The innermost open one of that name. */
static Region *named(Region *r, const char *name) {
    while (r && (r->span.ended || !is_named(r, name)))
        r = r->outer;
    return r;
}

/* ---- mistakes ------------------------------------------------------------------------------------------------ */

/* The end of a region that is not the goroutine's innermost one. Found by a locker: the bridge over lost generations
 * writes into regions. Said by none: writing may wait. */
typedef struct Misuse {
    char *innermost; /* name of the region that is, NULL: there is no misuse */
    gr_site *begun;
    bool ended_too;
} Misuse;

static Misuse find_misuse(G *g, const char *name) {
    static _Atomic bool said;
    Region *r = innermost(g->regions);
    if (!r || is_named(r, name) || atomic_exchange(&said, true))
        return (Misuse){0};
    return (Misuse){strdup(r->name), r->site, named(r, name) != NULL};
}

static __attribute__((noinline)) void say_misused(Misuse *u, G *g, const char *name, gr_site *site) {
    Text t = {0};
    rt_text_put(&t, "goroscope: gr_region_end(\"");
    rt_text_put(&t, name);
    rt_text_put(&t, "\") at ");
    rt_text_put(&t, site->file);
    rt_text_put(&t, ":");
    rt_text_i64(&t, site->line);
    rt_text_put(&t, ": the innermost open region of goroutine ");
    rt_text_i64(&t, (int64_t)g->goid);
    rt_text_put(&t, " is \"");
    rt_text_put(&t, u->innermost);
    rt_text_put(&t, "\", begun at ");
    rt_text_put(&t, u->begun->file);
    rt_text_put(&t, ":");
    rt_text_i64(&t, u->begun->line);
    rt_text_put(&t, u->ended_too ? "; it has been ended too: end the region that was begun last first\n"
                                 : ", and none of that name is open: nothing has been ended\n");
    rt_text_flush(&t);
    free(u->innermost);
}

/* ---- what programs call -------------------------------------------------------------------------------------- */

static uint64_t begin(gr_task task, const char *name, gr_site *site) {
    TraceLocker l = rt_user_acquire();
    if (!l.m)
        return 0;
    G *g = l.m->curg;
    rt_regions_tidy(l, g);
    Region *r = rt_user_named(offsetof(Region, name), name);
    r->outer = g->regions;
    r->id = ++g->nregions;
    r->task = task;
    r->site = site;
    r->span.begun = rt_locker_gen(l);
    r->span.ended = 0;
    g->regions = r;
    write_begin(rt_locker_buf(l), g, r);
    rt_trace_release(l);
    return r->id;
}

/* Ends the open regions down to `last`. */
static void end_down_to(TraceLocker l, G *g, Region *last, gr_site *site) {
    for (Region *r = g->regions;; r = r->outer) {
        if (r->span.ended == 0) {
            write_end(rt_locker_buf(l), g, r, site);
            r->span.ended = rt_locker_gen(l);
        }
        if (r == last)
            break;
    }
    drop_ended(g);
}

void gr_region_begin_at(gr_task task, const char *name, gr_site *site) { begin(task, name, site); }

void gr_region_end_at(const char *name, gr_site *site) {
    TraceLocker l = rt_user_acquire();
    if (!l.m)
        return;
    G *g = l.m->curg;
    name = name ? name : "";
    rt_regions_tidy(l, g);
    Misuse misuse = find_misuse(g, name);
    Region *r = named(g->regions, name);
    if (r)
        end_down_to(l, g, r, site);
    else if (!innermost(g->regions)) /* begun before tracing */
        rt_ev_region_end(rt_locker_buf(l), &g->trace, 0, rt_trace_string(rt_locker_gen(l), name),
                         rt_trace_stack(rt_locker_gen(l), site));
    rt_trace_release(l);
    if (misuse.innermost)
        say_misused(&misuse, g, name, site);
}

gr_region_scope gr_region_open_at(gr_task task, const char *name, gr_site *site) {
    return (gr_region_scope){begin(task, name, site), site};
}

void gr_region_close_at(gr_region_scope *s) {
    if (s->id == 0)
        return;
    TraceLocker l = rt_user_acquire();
    if (!l.m)
        return;
    G *g = l.m->curg;
    rt_regions_tidy(l, g);
    Region *r = g->regions;
    while (r && r->id != s->id)
        r = r->outer;
    if (r && r->span.ended == 0)
        end_down_to(l, g, r, s->site);
    rt_trace_release(l);
}

/* ---- lost generations ---------------------------------------------------------------------------------------- */

bool rt_regions_differ(G *g) {
    uint32_t shown = atomic_load(&rt_tracer.shown);
    if (is_of_this_tracing(g))
        for (Region *r = g->regions; r; r = r->outer)
            if (rt_span_is_known_open(r->span, shown) != (r->span.ended == 0))
                return true;
    return false;
}

void rt_regions_bridge(TraceBuf *b, G *g) {
    uint32_t shown = atomic_load(&rt_tracer.shown);
    if (!is_of_this_tracing(g))
        return;
    for (Region *r = g->regions; r; r = r->outer)
        if (rt_span_is_known_open(r->span, shown) && r->span.ended)
            write_end(b, g, r, NULL);
    begin_again(b, g, true, shown);
}
