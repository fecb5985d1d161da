/* semaphore.c: gr_semaphore: units taken by several at a time, first come first served. Made of nothing but
 * goroscope.h and gr_context.h. (golang.org/x/sync/semaphore)
 *
 * Who waits stands in a queue, on its stack, with a channel that is closed when the units are its. Units that
 * become free go to the first in the queue or to nobody: one who wants many is not passed by those who want few.
 */
#include <gr_context.h>

typedef struct Place {
    int64_t n;
    gr_chan *ready; /* closed: the units are taken in its name, and it is off the queue */
    struct Place *next;
} Place;

static bool fits(gr_semaphore *s, int64_t n) { return n <= s->size - s->used; }

/* Under the lock: gives what is free to those who wait, in order. */
static void serve(gr_semaphore *s, gr_site *site) {
    for (Place *p; (p = s->first) != NULL && fits(s, p->n);) {
        s->used += p->n;
        s->first = p->next; /* once the channel is closed, p may be gone */
        if (!s->first)
            s->last = NULL;
        gr_chan_close_at(p->ready, site);
    }
}

static void put(gr_semaphore *s, Place *p) {
    Place *last = s->last;
    if (last)
        last->next = p;
    else
        s->first = p;
    s->last = p;
}

/* Off the queue; false: it is not there, it has been served. */
static bool leave(gr_semaphore *s, Place *p) {
    Place *before = NULL, *at = s->first;
    while (at && at != p) {
        before = at;
        at = at->next;
    }
    if (!at)
        return false;
    if (before)
        before->next = p->next;
    else
        s->first = p->next;
    if (s->last == p)
        s->last = before;
    return true;
}

/* Waits for p to be served; with ctx cancelled first, for nothing: the units go back. */
static const char *await(gr_semaphore *s, Place *p, gr_context *ctx, gr_site *site) {
    gr_case cases[] = {{.op = GR_RECV, .chan = p->ready}, {.op = GR_RECV, .chan = ctx ? gr_context_done(ctx) : NULL}};
    gr_select_at(cases, 2, false, site);
    const char *err = ctx ? gr_context_err(ctx) : NULL;
    gr_mutex_lock_at(&s->m, site); /* and who served p has left its channel */
    if (err) {
        if (!leave(s, p))
            s->used -= p->n;
        serve(s, site);
    }
    gr_mutex_unlock_at(&s->m, site);
    return err;
}

/* In Go it would give units to whoever asks for less than none. */
static void check_units(int64_t n, gr_site *site) {
    if (n < 0)
        gr_panic_at("semaphore: negative number of units", site);
}

const char *gr_semaphore_acquire_at(gr_semaphore *s, int64_t n, gr_context *ctx, gr_site *site) {
    check_units(n, site);
    const char *err = ctx ? gr_context_err(ctx) : NULL;
    if (err)
        return err;
    if (n > s->size) { /* never; in the queue it would keep all behind it waiting */
        gr_chan_recv_at(ctx ? gr_context_done(ctx) : NULL, NULL, site);
        return gr_context_err(ctx);
    }
    gr_mutex_lock_at(&s->m, site);
    if (fits(s, n) && !s->first) {
        s->used += n;
        gr_mutex_unlock_at(&s->m, site);
        return NULL;
    }
    Place p = {.n = n, .ready = gr_chan_make_at(0, 0, site)};
    put(s, &p);
    gr_mutex_unlock_at(&s->m, site);
    err = await(s, &p, ctx, site);
    gr_chan_free(p.ready);
    return err;
}

bool gr_semaphore_tryacquire_at(gr_semaphore *s, int64_t n, gr_site *site) {
    check_units(n, site);
    gr_mutex_lock_at(&s->m, site);
    bool taken = fits(s, n) && !s->first;
    if (taken)
        s->used += n;
    gr_mutex_unlock_at(&s->m, site);
    return taken;
}

void gr_semaphore_release_at(gr_semaphore *s, int64_t n, gr_site *site) {
    check_units(n, site);
    gr_mutex_lock_at(&s->m, site);
    bool held = n <= s->used;
    if (held) {
        s->used -= n;
        serve(s, site);
    }
    gr_mutex_unlock_at(&s->m, site);
    if (!held)
        gr_panic_at("semaphore: released more than held", site);
}
