/* context.c: gr_context: a tree of what is cancelled together. Made of nothing but goroscope.h. (Go's context package)
 *
 * Only some nodes can be cancelled (Cancel); the others carry a value or cut the tree, and ask the nearest Cancel
 * above. One lock guards a whole tree of Cancels, that of its root: the topmost Cancel, or the topmost below a
 * gr_without_cancel. So cancelling walks the tree without a second lock and without recursion, which a small stack
 * would not like. Go has a lock in each context.
 *
 * References are held by users, by each node on its parent, by a running timer on its Cancel, and by the tree on a
 * call that waits for the cancelling; so who cancels a node can rely on everything above it, and the root's lock
 * lives as long as any of its nodes.
 *
 * Invariants, while the root's lock is free
 *  1. A Cancel without err whose parent has a Cancel is on the list of that one's children (up); one with err is on
 *     none and has no children.
 *  2. cause is set before err, err before the channel is closed, and gr_context_err waits for that: who sees one
 *     sees the others.
 *  3. Nothing is freed with the lock held: what cancelling leaves to give back is collected (owed) and given back
 *     after it.
 */
#include <gr_context.h>
#include <stdatomic.h>
#include <string.h>

#define NEVER INT64_MAX

const char gr_canceled[] = "context canceled";
const char gr_deadline_exceeded[] = "context deadline exceeded";

typedef struct Cancel Cancel;

struct gr_context {
    gr_context *parent; /* NULL: the background */
    Cancel *cancel;     /* itself or the nearest above; NULL: cannot be cancelled */
    _Atomic uint32_t refs;
    int64_t deadline; /* NEVER: none */
    const void *key;  /* NULL: carries no value */
    void *value;
};

struct Cancel {
    gr_context c;  /* first */
    Cancel *root;  /* whose lock guards the rest */
    gr_mutex lock; /* of a root */
    _Atomic(const char *) err;
    const char *cause;
    _Atomic(gr_chan *) done;    /* NULL: nobody has asked for it yet */
    gr_timer *timer;            /* ends it at its deadline; NULL: none */
    const char *deadline_cause; /* NULL: none */
    Cancel *up;                 /* on whose list of children it is, NULL: on none */
    Cancel *children;
    Cancel *next, *prev; /* on that list; next also: cancelled after it */
    Cancel *owed;        /* the next one that has a reference to be given back */
    gr_site *site;       /* where it was made: of its goroutine, timer or call */
    void (*fn)(void *);  /* a call: what to do instead of closing a channel; NULL: a context */
    void *arg;
    const char *name;
};

/* ---- references ---------------------------------------------------------------------------------------------- */

static gr_context background = {.deadline = NEVER};

gr_context *gr_background(void) { return &background; }

gr_context *gr_context_ref(gr_context *ctx) {
    if (ctx->parent)
        atomic_fetch_add_explicit(&ctx->refs, 1, memory_order_relaxed);
    return ctx;
}

static Cancel *as_cancel(gr_context *ctx) { return (void *)ctx->cancel == (void *)ctx ? ctx->cancel : NULL; }

/* Off its list of children, if it is on one. Root's lock. */
static void detach(Cancel *n) {
    if (!n->up)
        return;
    if (n->prev)
        n->prev->next = n->next;
    else
        n->up->children = n->next;
    if (n->next)
        n->next->prev = n->prev;
    n->up = n->next = n->prev = NULL;
}

/* Nobody knows it any more. */
static void destroy(gr_context *ctx) {
    Cancel *n = as_cancel(ctx);
    if (n && n->root != n) { /* a root is on no list; another may just be being cancelled with the one above */
        gr_mutex_lock(&n->root->lock);
        detach(n);
        gr_mutex_unlock(&n->root->lock);
    }
    if (n) {
        gr_timer_free(n->timer);
        gr_chan_free(atomic_load(&n->done));
    }
    gr_root_free(ctx);
}

void gr_context_unref(gr_context *ctx) {
    gr_safepoint();
    while (ctx->parent && atomic_fetch_sub_explicit(&ctx->refs, 1, memory_order_acq_rel) == 1) {
        gr_context *parent = ctx->parent;
        destroy(ctx);
        ctx = parent;
    }
}

/* ---- cancelling ---------------------------------------------------------------------------------------------- */

/* Gives back what the timer or the tree has held, without the lock; calls are started by it. */
static void settle(Cancel *owed) {
    while (owed) {
        Cancel *n = owed;
        owed = n->owed;
        if (n->fn)
            gr_go_at(n->fn, n->arg, 0, n->name, n->site);
        gr_context_unref(&n->c);
    }
}

/* Puts the children of n behind last, the end of the list of those to be cancelled; returns the new end. */
static Cancel *queue_children(Cancel *n, Cancel *last) {
    last->next = n->children;
    n->children = NULL;
    while (last->next) {
        last = last->next;
        last->up = last->prev = NULL;
    }
    return last;
}

/* top, which is on no list, and all below. Root's lock. Returns what is owed. */
static Cancel *cancel_all(Cancel *top, const char *err, const char *cause, gr_site *site) {
    Cancel *owed = NULL, *last = top;
    for (Cancel *n = top; n; n = n->next) {
        n->cause = cause;
        atomic_store_explicit(&n->err, err, memory_order_release);
        gr_chan *done = atomic_load(&n->done);
        if (done)
            gr_chan_close_at(done, site);
        if (n->fn || (n->timer && gr_timer_stop(n->timer))) {
            n->owed = owed;
            owed = n;
        }
        last = queue_children(n, last);
    }
    return owed;
}

static void cancel(Cancel *n, const char *err, const char *cause, gr_site *site) {
    Cancel *owed = NULL;
    gr_mutex_lock_at(&n->root->lock, site);
    if (!atomic_load(&n->err)) {
        detach(n);
        owed = cancel_all(n, err, cause ? cause : err, site);
    }
    gr_mutex_unlock_at(&n->root->lock, site);
    settle(owed);
}

void gr_context_cancel_at(gr_context *ctx, const char *cause, gr_site *site) {
    Cancel *n = as_cancel(ctx);
    if (!n)
        gr_panic_at("gr_context_cancel: gr_with_cancel, gr_with_deadline or gr_with_timeout must have made it", site);
    cancel(n, gr_canceled, cause, site);
}

void gr_context_end(void *ctx) {
    if (!ctx)
        return;
    Cancel *n = as_cancel(ctx);
    if (n)
        cancel(n, gr_canceled, NULL, GR_SITE);
    gr_context_unref(ctx);
}

/* ---- making -------------------------------------------------------------------------------------------------- */

/* With one reference, zeroed beyond its head. */
static void *context_new(gr_context *parent, size_t size, gr_site *site) {
    gr_safepoint();
    if (!parent)
        gr_panic_at("cannot create context from nil parent", site);
    gr_context *ctx = gr_root_alloc(size);
    if (!ctx)
        gr_panic_at("context: out of memory", site);
    memset(ctx, 0, size);
    ctx->parent = gr_context_ref(parent);
    ctx->cancel = parent->cancel;
    ctx->deadline = parent->deadline;
    atomic_init(&ctx->refs, 1);
    return ctx;
}

static Cancel *cancel_new(gr_context *parent, gr_site *site) {
    Cancel *n = context_new(parent, sizeof *n, site);
    n->c.cancel = n;
    n->root = parent->cancel ? parent->cancel->root : n;
    n->site = site;
    return n;
}

/* Makes it the child of the Cancel above; if that is cancelled already, cancels it. */
static void attach(Cancel *n, gr_site *site) {
    Cancel *up = n->c.parent->cancel, *owed = NULL;
    if (!up)
        return;
    gr_mutex_lock_at(&n->root->lock, site);
    const char *err = atomic_load(&up->err);
    if (err) {
        owed = cancel_all(n, err, up->cause, site);
    } else {
        n->up = up;
        n->next = up->children;
        if (n->next)
            n->next->prev = n;
        up->children = n;
    }
    gr_mutex_unlock_at(&n->root->lock, site);
    settle(owed);
}

gr_context *gr_with_cancel_at(gr_context *parent, gr_site *site) {
    Cancel *n = cancel_new(parent, site);
    attach(n, site);
    return &n->c;
}

static void expire(void *arg) {
    Cancel *n = arg;
    cancel(n, gr_deadline_exceeded, n->deadline_cause, n->site);
    gr_context_unref(&n->c);
}

gr_context *gr_with_deadline_at(gr_context *parent, int64_t when, const char *cause, gr_site *site) {
    if (parent && parent->deadline < when)
        return gr_with_cancel_at(parent, site);
    Cancel *n = cancel_new(parent, site);
    n->c.deadline = when;
    n->deadline_cause = cause;
    attach(n, site);
    int64_t now = gr_now();
    if (when <= now) {
        cancel(n, gr_deadline_exceeded, cause, site);
        return &n->c;
    }
    gr_mutex_lock_at(&n->root->lock, site);
    if (when != NEVER && !atomic_load(&n->err)) { /* the timer may fire at once; it then waits for the lock */
        gr_context_ref(&n->c);
        n->timer = gr_after_func_at(when - now, expire, n, "context.deadline", site);
    }
    gr_mutex_unlock_at(&n->root->lock, site);
    return &n->c;
}

gr_context *gr_with_timeout_at(gr_context *parent, int64_t ns, const char *cause, gr_site *site) {
    int64_t now = gr_now();
    return gr_with_deadline_at(parent, ns > NEVER - 1 - now ? NEVER - 1 : now + ns, cause, site);
}

gr_context *gr_with_value_at(gr_context *parent, const void *key, void *value, gr_site *site) {
    if (parent && !key)
        gr_panic_at("nil key", site);
    gr_context *ctx = context_new(parent, sizeof *ctx, site);
    ctx->key = key;
    ctx->value = value;
    return ctx;
}

gr_context *gr_without_cancel_at(gr_context *parent, gr_site *site) {
    gr_context *ctx = context_new(parent, sizeof *ctx, site);
    ctx->cancel = NULL;
    ctx->deadline = NEVER;
    return ctx;
}

/* ---- asking -------------------------------------------------------------------------------------------------- */

gr_chan *gr_context_done(gr_context *ctx) {
    gr_safepoint();
    Cancel *n = ctx->cancel;
    if (!n)
        return NULL;
    gr_chan *done = atomic_load_explicit(&n->done, memory_order_acquire);
    if (done)
        return done;
    gr_mutex_lock(&n->root->lock);
    done = atomic_load(&n->done);
    if (!done) {
        done = gr_chan_make(0, 0);
        if (atomic_load(&n->err))
            gr_chan_close(done);
        atomic_store_explicit(&n->done, done, memory_order_release);
    }
    gr_mutex_unlock(&n->root->lock);
    return done;
}

const char *gr_context_err(gr_context *ctx) {
    gr_safepoint();
    Cancel *n = ctx->cancel;
    const char *err = n ? atomic_load(&n->err) : NULL;
    gr_chan *done = err ? atomic_load(&n->done) : NULL;
    if (done)
        gr_chan_recv(done, NULL); /* it is being closed, if it is not yet */
    return err;
}

const char *gr_context_cause(gr_context *ctx) { return gr_context_err(ctx) ? ctx->cancel->cause : NULL; }

bool gr_context_deadline(gr_context *ctx, int64_t *when) {
    if (ctx->deadline == NEVER)
        return false;
    if (when)
        *when = ctx->deadline;
    return true;
}

void *gr_context_value(gr_context *ctx, const void *key) {
    for (; ctx; ctx = ctx->parent)
        if (key && ctx->key == key)
            return ctx->value;
    return NULL;
}

/* ---- calls --------------------------------------------------------------------------------------------------- */

gr_context_call *gr_context_after_func_at(gr_context *ctx, void (*fn)(void *), void *arg, const char *name,
                                          gr_site *site) {
    Cancel *n = cancel_new(ctx, site);
    n->fn = fn;
    n->arg = arg;
    n->name = name;
    gr_context_ref(&n->c); /* the tree's */
    attach(n, site);
    return (gr_context_call *)(void *)n;
}

bool gr_context_stop(gr_context_call *call) {
    gr_safepoint();
    Cancel *n = (Cancel *)(void *)call;
    gr_mutex_lock(&n->root->lock);
    bool stopped = !atomic_load(&n->err);
    detach(n);
    gr_mutex_unlock(&n->root->lock);
    if (stopped)
        gr_context_unref(&n->c); /* the tree's */
    gr_context_unref(&n->c);
    return stopped;
}
