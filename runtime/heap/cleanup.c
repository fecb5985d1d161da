/* cleanup.c: what is to be called when a block can be reached no more. (runtime.AddCleanup, mcleanup.go)
 *
 * A cleanup hangs on its block (specials.c); when that is swept it goes to a goroutine that calls them one after the
 * other. Their arguments are roots until then.
 */
#include "heap/collect.h"
#include "heap/specials.h"
#include <stdlib.h>

typedef struct Cleanup {
    Special of;                     /* first */
    struct Cleanup *after, *before; /* of all */
    struct Cleanup *next;           /* in the queue */
    uint64_t id;
    Span *span; /* NULL: in the queue */
    void (*fn)(void *);
    void *arg;
} Cleanup;

static struct {
    rt_mutex lock; /* RANK_MARK */
    Cleanup *all;
    Cleanup *queue, *queue_end;
    uint64_t ids;
    bool started;
    G *runner; /* waits; NULL: it is at work */
} cleanups;

/* With the lock. */
static void forget(Cleanup *c) {
    if (c->before)
        c->before->after = c->after;
    else
        cleanups.all = c->after;
    if (c->after)
        c->after->before = c->before;
}

gr_cleanup gr_cleanup_add(void *p, void (*fn)(void *arg), void *arg) {
    rt_charge(100);
    Span *s = rt_span_of((uintptr_t)p);
    if (!s)
        rt_fatal("gr_cleanup_add: the pointer is not into a block of gr_alloc's");
    if (!fn)
        rt_fatal("gr_cleanup_add: the function is NULL");
    if (arg == p)
        rt_fatal("gr_cleanup_add: the argument is the block itself, which would never be freed");
    Cleanup *c = malloc(sizeof *c);
    if (!c)
        rt_fatal("out of memory (gr_cleanup_add)");
    *c = (Cleanup){
        .span = s, .of = {.block = rt_block_number(s, (uintptr_t)p), .kind = SPECIAL_CLEANUP}, .fn = fn, .arg = arg};
    rt_lock(&cleanups.lock, RANK_MARK);
    uint64_t id = c->id = ++cleanups.ids;
    c->after = cleanups.all;
    if (c->after)
        c->after->before = c;
    cleanups.all = c;
    bool start = !cleanups.started;
    cleanups.started = true;
    rt_unlock(&cleanups.lock);
    rt_special_put(s, &c->of);
    if (start)
        rt_spawn_system(rt_gc_entry_cleanups, "runtime.runCleanups", &rt_gc_site_cleanup);
    gr_keep(p);
    return (gr_cleanup){id};
}

void gr_cleanup_stop(gr_cleanup which) {
    rt_charge(100);
    rt_lock(&cleanups.lock, RANK_MARK);
    Cleanup *c = cleanups.all;
    while (c && c->id != which.id)
        c = c->after;
    if (c && c->span && rt_special_remove(c->span, &c->of)) {
        forget(c);
    } else if (c) { /* its block is gone: it is called, and does nothing */
        c->fn = NULL;
        c = NULL;
    }
    rt_unlock(&cleanups.lock);
    free(c);
}

void rt_cleanup_due(Special *special) {
    Cleanup *c = (Cleanup *)(void *)special;
    rt_lock(&cleanups.lock, RANK_MARK);
    c->span = NULL;
    c->next = NULL;
    if (cleanups.queue)
        cleanups.queue_end->next = c;
    else
        cleanups.queue = c;
    cleanups.queue_end = c;
    G *g = cleanups.runner;
    cleanups.runner = NULL;
    rt_unlock(&cleanups.lock);
    if (g)
        rt_ready(g, false, NULL);
}

bool rt_cleanups_next(void **at, const void **arg) {
    Cleanup *c = *at = *at ? ((Cleanup *)*at)->after : cleanups.all;
    if (c)
        *arg = &c->arg;
    return c != NULL;
}

/* ---- calling them -------------------------------------------------------------------------------------------- */

bool rt_gc_waits_cleanups(G *g, void *arg) {
    (void)arg;
    bool waits = !cleanups.queue;
    cleanups.runner = waits ? g : NULL;
    rt_unlock(&cleanups.lock);
    return waits;
}

void rt_gc_entry_cleanups(void *arg) {
    (void)arg;
    for (;;) {
        rt_lock(&cleanups.lock, RANK_MARK);
        Cleanup *c = cleanups.queue;
        if (!c) {
            rt_park(rt_gc_waits_cleanups, NULL, WAIT_CLEANUP, &rt_gc_site_cleanup);
            continue;
        }
        cleanups.queue = c->next;
        forget(c);
        rt_unlock(&cleanups.lock);
        void (*fn)(void *) = c->fn;
        void *with = c->arg;
        free(c);
        if (fn)
            fn(with);
        rt_run_deferred();
    }
}
