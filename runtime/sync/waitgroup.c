/* waitgroup.c: gr_waitgroup: waits until a counter is zero. (Go's sync/waitgroup.go)
 *
 * state = counter << 32 | waiters, changed in one step. The call that brings the counter to zero takes all waiters
 * off the state and releases as many units of the semaphore; a waiter may free the gr_waitgroup as soon as it goes
 * on.
 */
#include "core/held.h"
#include "core/park.h"
#include "sync/sema.h"
#include <stdlib.h>

static int32_t counter(uint64_t state) { return (int32_t)(uint32_t)(state >> 32); }
static uint32_t waiters(uint64_t state) { return (uint32_t)state; }

void gr_waitgroup_add_at(gr_waitgroup *wg, int n, gr_site *site) {
    rt_charge(SYNC_COST_NS);
    uint64_t state = WORD_ADD(&wg->state, (uint64_t)(uint32_t)n << 32);
    if (counter(state) < 0)
        rt_panic("sync: negative WaitGroup counter", site);
    if (waiters(state) > 0 && n > 0 && counter(state) == n)
        rt_panic("sync: WaitGroup misuse: Add called concurrently with Wait", site);
    if (counter(state) > 0 || waiters(state) == 0)
        return;
    /* The counter is zero and there are waiters: a change now is an Add beside a Wait, or a Wait that sees zero and
     * returns without touching the state. */
    if (WORD_LOAD(&wg->state) != state)
        rt_panic("sync: WaitGroup misuse: Add called concurrently with Wait", site);
    WORD_STORE(&wg->state, (uint64_t)0);
    for (uint32_t i = waiters(state); i > 0; i--)
        rt_sema_release(&wg->sema, false, site);
}

void gr_waitgroup_wait_at(gr_waitgroup *wg, gr_site *site) {
    rt_charge(SYNC_COST_NS);
    uint64_t state = WORD_LOAD(&wg->state);
    do {
        if (counter(state) == 0)
            return;
    } while (!WORD_CAS(&wg->state, &state, state + 1));
    rt_sema_acquire(&wg->sema, false, WAIT_WAITGROUP, site);
    if (WORD_LOAD(&wg->state) != 0)
        rt_panic("sync: WaitGroup is reused before previous Wait has returned", site);
}

/* ---- gr_waitgroup_go ----------------------------------------------------------------------------------------- */

typedef struct Task {
    gr_waitgroup *wg;
    void (*fn)(void *);
    void *arg;
    gr_site *site;
} Task;

/* Deferred first, so it comes last. After a panic nobody waiting shall go on and end the program before the panic
 * has. */
static void leave(void *arg) {
    Task t = *(Task *)arg;
    rt_held_free(arg);
    Panic *p = rt_getg()->scope->outer->panic;
    if (!p || p->recovered)
        gr_waitgroup_add_at(t.wg, -1, t.site);
}

static void work(void *arg) {
    Task *t = arg;
    gr_defer(leave, t);
    t->fn(t->arg);
}

void gr_waitgroup_go_at(gr_waitgroup *wg, void (*fn)(void *), void *arg, const char *name, gr_site *site) {
    Task *t = rt_held_alloc(sizeof *t);
    if (!t)
        rt_fatal("out of memory (gr_waitgroup_go)");
    *t = (Task){wg, fn, arg, site};
    gr_waitgroup_add_at(wg, 1, site);
    gr_go_at(work, t, 0, name, site);
}
