/* group.c: gr_group: goroutines that work on parts of one task. Made of nothing but goroscope.h and gr_context.h.
 * (golang.org/x/sync/errgroup)
 *
 * Each goroutine is counted in the gr_waitgroup, and takes a place in `slots` if there is a limit. The first that
 * returns an error puts it into err and cancels the context; whoever waits reads err after the last has left the
 * gr_waitgroup.
 */
#include <gr_context.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Task {
    gr_group *g;
    const char *(*fn)(void *);
    void *arg;
    gr_site *site;
} Task;

gr_context *gr_group_context_at(gr_group *g, gr_context *parent, gr_site *site) {
    if (g->ctx)
        gr_panic_at("errgroup: the group has a context already", site);
    g->ctx = gr_with_cancel_at(parent, site);
    return gr_context_ref(g->ctx);
}

void gr_group_limit_at(gr_group *g, int n, gr_site *site) {
    static char text[96]; /* whoever is first to print it ends the program */
    if (gr_chan_len(g->slots) > 0) {
        snprintf(text, sizeof text, "errgroup: modify limit while %zu goroutines in the group are still active",
                 gr_chan_len(g->slots));
        gr_panic_at(text, site);
    }
    gr_chan_free(g->slots);
    g->slots = n < 0 ? NULL : gr_chan_make_at(0, (size_t)n, site);
}

static void fail(gr_group *g, const char *err, gr_site *site) {
    gr_mutex_lock_at(&g->m, site);
    bool first = !g->err;
    if (first)
        g->err = err;
    gr_mutex_unlock_at(&g->m, site);
    if (first && g->ctx)
        gr_context_cancel_at(g->ctx, err, site);
}

/* However the goroutine ends. */
static void leave(void *arg) {
    Task *t = arg;
    if (t->g->slots)
        gr_chan_recv_at(t->g->slots, NULL, t->site);
    gr_root_free(t);
}

static void work(void *arg) {
    Task *t = arg;
    gr_defer(leave, t);
    const char *err = t->fn(t->arg);
    if (err)
        fail(t->g, err, t->site);
}

static void start(gr_group *g, Task task, const char *name) {
    Task *t = gr_root_alloc(sizeof *t);
    if (!t)
        gr_panic_at("errgroup: out of memory", task.site);
    *t = task;
    gr_waitgroup_go_at(&g->wg, work, t, name, task.site);
}

void gr_group_go_at(gr_group *g, const char *(*fn)(void *), void *arg, const char *name, gr_site *site) {
    if (g->slots)
        gr_chan_send_at(g->slots, NULL, site);
    start(g, (Task){g, fn, arg, site}, name);
}

bool gr_group_trygo_at(gr_group *g, const char *(*fn)(void *), void *arg, const char *name, gr_site *site) {
    if (g->slots) {
        gr_case take = {.op = GR_SEND, .chan = g->slots};
        if (gr_select_at(&take, 1, true, site) < 0)
            return false;
    }
    start(g, (Task){g, fn, arg, site}, name);
    return true;
}

const char *gr_group_wait_at(gr_group *g, gr_site *site) {
    gr_waitgroup_wait_at(&g->wg, site);
    const char *err = g->err;
    if (g->ctx) {
        gr_context_cancel_at(g->ctx, err, site);
        gr_context_unref(g->ctx);
    }
    gr_chan_free(g->slots);
    *g = (gr_group){0};
    return err;
}
