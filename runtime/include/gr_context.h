/* gr_context.h: stopping, gathering and limiting goroutines: contexts, groups, weighted semaphores. (Go's context and
 * golang.org/x/sync/errgroup and semaphore)
 *
 * To be included beside goroscope.h, whose rules hold here too. Errors are texts, as Go's are values: NULL is none,
 * two are the same if their addresses are. Texts passed in are not copied and must live as long as what they are
 * passed to; literals do.
 *
 *     static const char *fetch_one(void *arg) {             // a task: its error, NULL: none
 *         struct job *j = arg;
 *         gr_case wait[] = {{GR_RECV, j->answer, &j->v}, {GR_RECV, gr_context_done(j->ctx)}};
 *         return gr_select(wait, 2, false) == 0 ? NULL : gr_context_err(j->ctx);
 *     }
 *     …
 *     gr_context *ctx = gr_with_timeout(gr_background(), 2 * GR_SECOND);
 *     gr_group g = {0};
 *     for (int i = 0; i < n; i++)
 *         gr_group_go(&g, fetch_one, &job[i]);
 *     const char *err = gr_group_wait(&g);  // the first error: "context deadline exceeded" after two seconds
 *     gr_context_end(ctx);
 */
#ifndef GR_CONTEXT_H
#define GR_CONTEXT_H

#include "goroscope.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- contexts ------------------------------------------------------------------------------------------------ */

/* Says when work is to stop, to goroutines that do not know each other. Contexts make a tree: cancelling one
 * cancels all that were made from it. Any number of goroutines may use one at the same time. (context.Context)
 *
 * Who owns it: each call that returns a new context gives the caller one reference to it, to be given back by
 * gr_context_end or gr_context_unref. A goroutine that may still use the context when its maker has given it back
 * needs one of its own: gr_context_ref before it is started, gr_context_unref at its end. A context keeps the one
 * it was made from. The last reference frees it, together with its channel; what it carries (key, value, cause)
 * stays the caller's. */
typedef struct gr_context gr_context;

/* The errors of contexts: "context canceled", "context deadline exceeded". (context.Canceled, DeadlineExceeded) */
extern const char gr_canceled[];
extern const char gr_deadline_exceeded[];

/* The root of all: never cancelled, no deadline, no values, nothing to give back. (context.Background) [any] */
gr_context *gr_background(void);

/* New contexts made from parent (panics when NULL). One whose parent is cancelled already is cancelled too. [parks] */

/* To be cancelled by gr_context_cancel. (context.WithCancel) */
#define gr_with_cancel(parent) gr_with_cancel_at((parent), GR_SITE)
gr_context *gr_with_cancel_at(gr_context *parent, gr_site *site);
/* Also cancelled, with gr_deadline_exceeded, at the time `when` (gr_now's) or ns from now, unless a context above
 * has an earlier deadline. cause: what gr_context_cause says then, NULL: the same. (context.WithDeadline,
 * WithTimeout, …Cause) */
#define gr_with_deadline(parent, when) gr_with_deadline_at((parent), (when), NULL, GR_SITE)
#define gr_with_deadline_cause(parent, when, cause) gr_with_deadline_at((parent), (when), (cause), GR_SITE)
#define gr_with_timeout(parent, ns) gr_with_timeout_at((parent), (ns), NULL, GR_SITE)
#define gr_with_timeout_cause(parent, ns, cause) gr_with_timeout_at((parent), (ns), (cause), GR_SITE)
gr_context *gr_with_deadline_at(gr_context *parent, int64_t when, const char *cause, gr_site *site);
gr_context *gr_with_timeout_at(gr_context *parent, int64_t ns, const char *cause, gr_site *site);
/* The same as parent, and carries value under key: an address that is nobody else's, such as that of a static
 * variable; panics when NULL. (context.WithValue) */
#define gr_with_value(parent, key, value) gr_with_value_at((parent), (key), (value), GR_SITE)
gr_context *gr_with_value_at(gr_context *parent, const void *key, void *value, gr_site *site);
/* Has the parent's values, but is not cancelled with it and has no deadline. (context.WithoutCancel) */
#define gr_without_cancel(parent) gr_without_cancel_at((parent), GR_SITE)
gr_context *gr_without_cancel_at(gr_context *parent, gr_site *site);

/* Cancels ctx, which gr_with_cancel, gr_with_deadline or gr_with_timeout has made, and what was made from it; the
 * first call counts. cause: for gr_context_cause, NULL: gr_canceled. [parks] (the CancelFunc) */
#define gr_context_cancel(ctx) gr_context_cancel_at((ctx), NULL, GR_SITE)
#define gr_context_cancel_cause(ctx, cause) gr_context_cancel_at((ctx), (cause), GR_SITE)
void gr_context_cancel_at(gr_context *ctx, const char *cause, gr_site *site);

/* One more reference; returns ctx. [any] */
gr_context *gr_context_ref(gr_context *ctx);
/* Gives a reference back, without cancelling. A context with a deadline is kept until that is over or it is
 * cancelled. [parks] */
void gr_context_unref(gr_context *ctx);
/* Cancels what can be cancelled and gives the reference back: the end of what the context was made for. Fits
 * gr_defer. NULL is ignored. [parks] (defer cancel()) */
void gr_context_end(void *ctx);

/* A channel that is closed when ctx is cancelled; NULL, which is never ready, if it cannot be. For gr_select; valid
 * as long as the caller's reference. [parks] */
gr_chan *gr_context_done(gr_context *ctx);
/* Why it is cancelled: gr_canceled or gr_deadline_exceeded; NULL: it is not. NULL until the channel is closed, then
 * never again. [parks] */
const char *gr_context_err(gr_context *ctx);
/* The cause given by whoever cancelled it, or else the same as gr_context_err. (context.Cause) */
const char *gr_context_cause(gr_context *ctx);
/* False: it has no deadline. when may be NULL. [any] */
bool gr_context_deadline(gr_context *ctx, int64_t *when);
/* What it, or the nearest above it, carries under key; NULL: nothing. [any] */
void *gr_context_value(gr_context *ctx, const void *key);

/* Calls fn(arg) in a goroutine of its own once ctx is cancelled, at once if it is already. The call keeps ctx until
 * then. The result is to be given back by gr_context_stop, whether it has been called or not. [parks]
 * (context.AfterFunc) */
typedef struct gr_context_call gr_context_call;
#define gr_context_after_func(ctx, fn, arg) gr_context_after_func_at((ctx), (fn), (arg), #fn, GR_SITE)
gr_context_call *gr_context_after_func_at(gr_context *ctx, void (*fn)(void *), void *arg, const char *name,
                                          gr_site *site);
/* True: that kept fn from being called. False: it has been started; this does not wait for its end. Frees call.
 * [parks] */
bool gr_context_stop(gr_context_call *call);

/* ---- groups -------------------------------------------------------------------------------------------------- */

/* Goroutines that work on parts of one task. The zero value is ready: no context, no limit. (errgroup.Group) */
typedef struct gr_group {
    gr_waitgroup wg;
    gr_mutex m;      /* guards err */
    const char *err; /* the first error */
    gr_chan *slots;  /* holds an element for each goroutine, as many as the limit; NULL: no limit */
    gr_context *ctx; /* cancelled with the first error, NULL: none */
} gr_group;

/* Gives g, before it is used, a context made from parent, which is cancelled by the first task that returns an
 * error, the cause, and at the latest when gr_group_wait returns. The caller has a reference of its own.
 * (errgroup.WithContext) */
#define gr_group_context(g, parent) gr_group_context_at((g), (parent), GR_SITE)
gr_context *gr_group_context_at(gr_group *g, gr_context *parent, gr_site *site);
/* At most n tasks run at a time, n < 0: any number. Panics while some run. (Group.SetLimit) */
#define gr_group_limit(g, n) gr_group_limit_at((g), (n), GR_SITE)
void gr_group_limit_at(gr_group *g, int n, gr_site *site);
/* Starts fn(arg) as a goroutine; waits first while the limit is reached. The first error is what gr_group_wait
 * returns; a task that ends by gr_goexit has none. [parks] (Group.Go) */
#define gr_group_go(g, fn, arg) gr_group_go_at((g), (fn), (arg), #fn, GR_SITE)
void gr_group_go_at(gr_group *g, const char *(*fn)(void *), void *arg, const char *name, gr_site *site);
/* The same, but false at once if the limit is reached. (Group.TryGo) */
#define gr_group_trygo(g, fn, arg) gr_group_trygo_at((g), (fn), (arg), #fn, GR_SITE)
bool gr_group_trygo_at(gr_group *g, const char *(*fn)(void *), void *arg, const char *name, gr_site *site);
/* Waits until all tasks have ended; the first error, NULL: none. Frees what g holds and leaves it as the zero
 * value. [parks] (Group.Wait) */
#define gr_group_wait(g) gr_group_wait_at((g), GR_SITE)
const char *gr_group_wait_at(gr_group *g, gr_site *site);

/* ---- weighted semaphores ------------------------------------------------------------------------------------- */

/* `size` units of something, taken by several at a time; who waits is served in order, so one who wants many is not
 * passed by forever. Begins as `gr_semaphore s = {.size = 10};`. (semaphore.Weighted) */
typedef struct gr_semaphore {
    int64_t size;
    int64_t used; /* the rest is the runtime's */
    gr_mutex m;
    void *first, *last; /* who waits */
} gr_semaphore;

/* Takes n units, 0 <= n; waits for them if need be, until ctx is cancelled (NULL: however long). NULL: they are
 * taken; else none are, and the result is gr_context_err(ctx). More than size are never there. [parks]
 * (Weighted.Acquire) */
#define gr_semaphore_acquire(s, n, ctx) gr_semaphore_acquire_at((s), (n), (ctx), GR_SITE)
const char *gr_semaphore_acquire_at(gr_semaphore *s, int64_t n, gr_context *ctx, gr_site *site);
/* Takes n units if they are free and nobody waits. (Weighted.TryAcquire) */
#define gr_semaphore_tryacquire(s, n) gr_semaphore_tryacquire_at((s), (n), GR_SITE)
bool gr_semaphore_tryacquire_at(gr_semaphore *s, int64_t n, gr_site *site);
/* Gives n units back. Panics with "semaphore: released more than held". (Weighted.Release) */
#define gr_semaphore_release(s, n) gr_semaphore_release_at((s), (n), GR_SITE)
void gr_semaphore_release_at(gr_semaphore *s, int64_t n, gr_site *site);

#ifdef __cplusplus
}
#endif
#endif
