/* cleanup.c: what is to be called when a block can be reached no more. (runtime.AddCleanup, mcleanup.go)
 *
 * A cleanup hangs on its block (specials.c); when that is swept it goes to a goroutine that calls them one after the
 * other. Their arguments are roots until then. One that ends the goroutine (gr_goexit, a panic that is recovered) ends
 * itself: the others go on in a new one.
 */
#include "core/preempt.h"
#include "heap/collect.h"
#include "heap/specials.h"
#include <stdlib.h>
#include <string.h>

typedef struct Cleanup {
    Special of;                     /* first */
    struct Cleanup *after, *before; /* of all */
    struct Cleanup *same;           /* in its bucket */
    struct Cleanup *next;           /* in the queue */
    uint64_t id;
    Span *span; /* NULL: in the queue */
    void (*fn)(void *);
    void *arg;
} Cleanup;

static struct {
    rt_mutex lock; /* RANK_CLEANUPS */
    Cleanup *all;
    Cleanup **buckets;    /* by id */
    uint64_t nbuckets, n; /* a power of two; cleanups in them */
    Cleanup *queue, *queue_end;
    uint64_t ids;
    bool started;
    G *runner; /* waits; NULL: it is at work */
} cleanups;

/* With the lock, as the next two. */
static Cleanup **find(uint64_t id) {
    Cleanup **at = &cleanups.buckets[id & (cleanups.nbuckets - 1)];
    while (*at && (*at)->id != id)
        at = &(*at)->same;
    return at;
}

/* False: there is no memory for any. */
static bool make_room(void) {
    if (cleanups.n < cleanups.nbuckets)
        return true;
    uint64_t had = cleanups.nbuckets;
    Cleanup **more = realloc(cleanups.buckets, (size_t)(had ? 2 * had : 64) * sizeof *more);
    if (!more)
        return had > 0;
    cleanups.buckets = more;
    cleanups.nbuckets = had ? 2 * had : 64;
    memset(more + had, 0, (size_t)(cleanups.nbuckets - had) * sizeof *more);
    for (uint64_t i = 0; i < had; i++) { /* some of each go to the bucket that is as far on */
        Cleanup *c = more[i];
        more[i] = NULL;
        for (Cleanup *same; c; c = same) {
            same = c->same;
            Cleanup **at = &more[c->id & (cleanups.nbuckets - 1)];
            c->same = *at;
            *at = c;
        }
    }
    return true;
}

static void forget(Cleanup *c) {
    *find(c->id) = c->same;
    cleanups.n--;
    if (c->before)
        c->before->after = c->after;
    else
        cleanups.all = c->after;
    if (c->after)
        c->after->before = c->before;
}

gr_cleanup gr_cleanup_add_at(void *p, void (*fn)(void *arg), void *arg, gr_site *site) {
    rt_charge(100);
    Span *s = rt_span_of((uintptr_t)p);
    if (!s || !rt_is_block(s, (uintptr_t)p))
        rt_fatal_at("gr_cleanup_add: the pointer is not into a block of gr_alloc's", site);
    if (!fn)
        rt_fatal_at("gr_cleanup_add: the function is NULL", site);
    if (arg == p)
        rt_fatal_at("gr_cleanup_add: the argument is the block itself, which would never be freed", site);
    Cleanup *c = malloc(sizeof *c);
    if (!c)
        rt_fatal_at("out of memory (gr_cleanup_add)", site);
    *c = (Cleanup){
        .span = s, .of = {.block = rt_block_number(s, (uintptr_t)p), .kind = SPECIAL_CLEANUP}, .fn = fn, .arg = arg};
    rt_lock(&cleanups.lock, RANK_CLEANUPS);
    bool room = make_room();
    uint64_t id = c->id = ++cleanups.ids;
    if (room) {
        Cleanup **at = find(id);
        *at = c;
        cleanups.n++;
    }
    c->after = cleanups.all;
    if (c->after)
        c->after->before = c;
    cleanups.all = c;
    bool start = !cleanups.started;
    cleanups.started = true;
    rt_unlock(&cleanups.lock);
    if (!room)
        rt_fatal_at("out of memory (gr_cleanup_add)", site);
    rt_special_put(s, &c->of);
    if (start)
        rt_spawn_system(rt_gc_entry_cleanups, "runtime.runCleanups", &rt_gc_site_cleanup);
    gr_keep(p);
    return (gr_cleanup){id};
}

/* For who takes its address. */
gr_cleanup(gr_cleanup_add)(void *p, void (*fn)(void *arg), void *arg) { return gr_cleanup_add_at(p, fn, arg, NULL); }

void gr_cleanup_stop(gr_cleanup which) {
    rt_charge(100);
    rt_lock(&cleanups.lock, RANK_CLEANUPS);
    Cleanup *c = cleanups.n > 0 ? *find(which.id) : NULL;
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
    rt_lock(&cleanups.lock, RANK_CLEANUPS);
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

/* A deferred call: a cleanup has ended the goroutine, or is about to with what it has deferred. */
void rt_gc_entry_cleanups_anew(void *arg) {
    (void)arg;
    rt_getg()->system = true; /* as it was begun, so that it is counted so */
    rt_spawn_system(rt_gc_entry_cleanups, "runtime.runCleanups", &rt_gc_site_cleanup);
}

/* In a frame of its own: the argument of the last one that was called is to keep nothing. */
static __attribute__((noinline)) void call(Cleanup *c) {
    void (*fn)(void *) = c->fn;
    void *with = c->arg;
    free(c);
    if (!fn)
        return;
    Defer others = {.fn = rt_gc_entry_cleanups_anew};
    rt_defer_push(&others);
    rt_getg()->system = false; /* what the program's own function waits for shows (isSystemGoroutine) */
    fn(with);
    if (rt_getg()->base.defers != &others)
        rt_goroutine_end(); /* calls what it has deferred, and others */
    rt_getg()->system = true;
    if (load_relaxed(struct Suspend *, &rt_getg()->suspend))
        rt_suspend_here(rt_getg()); /* wished meanwhile: else it would be when the next one is called */
    rt_defer_remove(&others);
}

/* Nor where that frame was, which who parks may leave as it is. */
static __attribute__((noinline)) void wipe(void) {
    volatile uintptr_t room[128];
    for (size_t i = 0; i < sizeof room / sizeof *room; i++)
        room[i] = 0;
}

void rt_gc_entry_cleanups(void *arg) {
    (void)arg;
    for (;;) {
        rt_lock(&cleanups.lock, RANK_CLEANUPS);
        Cleanup *c = cleanups.queue;
        if (!c) {
            rt_park(rt_gc_waits_cleanups, NULL, WAIT_CLEANUP, &rt_gc_site_cleanup);
            continue;
        }
        cleanups.queue = c->next;
        forget(c);
        rt_unlock(&cleanups.lock);
        call(c);
        wipe();
    }
}
