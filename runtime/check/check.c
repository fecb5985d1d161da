/* check.c: walks the whole state of the scheduler after a step of the simulation and ends the program if an
 * invariant is broken, so that a seed that breaks one fails where it breaks, not where it is felt. (As Lua's
 * ltests.c does for its heap.)
 *
 * Invariants between two steps
 *  1. Every G is in exactly one place, and its state says which (PLACES): a free list, a run queue, its M, or
 *     nowhere while it waits.
 *  2. Every P below procs is in exactly one place: idle, on an M, about to be on one, in a system call, or stopped
 *     with the world. M and P, M and G point at each other.
 *  3. npidle, nmidle, nmidlelocked, nmspinning, runq_n and the lengths of free lists are what the lists really hold.
 *  4. No lost wakeup: while something runnable is queued and a P is idle, an M is looking for work or about to.
 *     (The world stopped, nobody looks.)
 *  5. No starvation: a runnable G leaves the queue it is in before so many slices have begun for each goroutine
 *     there was to run: 2 of its P in a P's queue, which is first in first out but for what timers wake, so one
 *     more for each that has fired; 61 of each P in the global queue, of which every P takes one in 61 slices.
 *     (And no slice lasts longer than 10 ms.)
 *  6. Who waits, waits on something that knows of it and cannot serve it already (check/check_wait.c).
 *
 * A new place for Gs (a list of its own) gets a PLACE, and a walk in walk_lists that marks the Gs there.
 */
#include "check/check.h"
#include "core/find.h"
#include "core/runq.h"
#include <string.h>

uint64_t rt_check_fired;

typedef enum Place {
    NOWHERE,
    PLACE_RUNQ,   /* a P's ring or runnext */
    PLACE_GLOBAL, /* the global queue */
    PLACE_GIVEN,  /* locked, and its M has been given a P for it */
    PLACE_M,      /* running, on its M */
    PLACE_CALL,   /* in a system call, on its M */
    PLACE_FREE,   /* a free list */
    PLACE_EXTRA,  /* of an extra M, between two calls */
} Place;

/* The states of the Gs in a place, as bits. */
static const uint32_t states_of[] = {
    [NOWHERE] = 1u << G_WAITING,      [PLACE_RUNQ] = 1u << G_RUNNABLE, [PLACE_GLOBAL] = 1u << G_RUNNABLE,
    [PLACE_GIVEN] = 1u << G_RUNNABLE, [PLACE_M] = 1u << G_RUNNING,     [PLACE_CALL] = 1u << G_SYSCALL,
    [PLACE_FREE] = 1u << G_DEAD,      [PLACE_EXTRA] = 1u << G_DEAD,
};

/* Slices on top: its P's first look at the global queue, goroutines that came and went within a step. */
#define SLACK 64

static uint64_t slices;      /* begun so far, on all Ps */
static uint64_t most_to_run; /* runnable and running goroutines, at most so far */
static uint64_t to_run;      /* now */
static bool work;            /* something runnable is queued */

/* ---- saying what is wrong ------------------------------------------------------------------------------------ */

static size_t add(char *to, size_t n, size_t cap, const char *s) {
    while (*s && n + 1 < cap)
        to[n++] = *s++;
    to[n] = 0;
    return n;
}

_Noreturn void rt_check_broken(const char *rule, G *g) {
    static char text[256];
    size_t n = add(text, 0, sizeof text, "check: ");
    n = add(text, n, sizeof text, rule);
    if (g) {
        char digits[24];
        int at = 23;
        digits[at] = 0;
        uint64_t v = g->goid;
        do
            digits[--at] = (char)('0' + v % 10);
        while ((v /= 10) > 0);
        n = add(text, n, sizeof text, ": goroutine ");
        add(text, n, sizeof text, digits + at);
    }
    rt_config.check = false;
    rt_throw(text);
}

/* ---- where the Gs are ---------------------------------------------------------------------------------------- */

/* g is runnable in p's queue, NULL: the global one. */
static void check_starving(G *g, P *p) {
    uint64_t now = p ? atomic_load(&p->schedtick) - rt_check_fired : slices; /* may go back: only differences count */
    /* It has run since, perhaps within one step, or moved. */
    if (g->check.ready_ns != g->ready_ns || g->check.at != p) {
        g->check.ready_ns = g->ready_ns;
        g->check.at = p;
        g->check.since = now;
    }
    uint64_t each = p ? 2 : (uint64_t)rt_sched.procs * GLOBAL_EVERY;
    rt_check_that((int64_t)(now - g->check.since) <= (int64_t)((most_to_run + 1) * each + SLACK),
                  "a runnable goroutine starves", g);
}

static void mark(G *g, Place place) {
    rt_check_that(g->check.place == NOWHERE, "a goroutine is in two places", g);
    rt_check_that(states_of[place] & 1u << rt_gstate(g), "a goroutine's state is not that of its place", g);
    g->check.place = place;
    if (place == PLACE_RUNQ || place == PLACE_GLOBAL)
        work = true;
    if (place == PLACE_RUNQ || place == PLACE_GLOBAL || place == PLACE_GIVEN || place == PLACE_M)
        to_run++;
}

static void mark_queued(G *g, P *p) {
    mark(g, p ? PLACE_RUNQ : PLACE_GLOBAL);
    check_starving(g, p);
}

static int mark_free(G *head) {
    int n = 0;
    for (G *g = head; g; g = g->next, n++)
        mark(g, PLACE_FREE);
    return n;
}

static void walk_global(void) {
    int n = 0;
    G *last = NULL;
    for (G *g = rt_sched.runq_head; g; last = g, g = g->next, n++)
        mark_queued(g, NULL);
    rt_check_that(n == atomic_load(&rt_sched.runq_n), "runq_n is not the length of the global queue", NULL);
    rt_check_that(rt_sched.runq_tail == last, "the global queue's tail is not its last goroutine", last);
}

static void walk_runq(P *p) {
    uint32_t head = atomic_load(&p->runq_head), tail = atomic_load(&p->runq_tail);
    rt_check_that(tail - head <= RUNQ, "a run queue holds more than it has room for", NULL);
    for (uint32_t i = head; i != tail; i++)
        mark_queued(atomic_load(&p->runq[i % RUNQ]), p);
    G *next = atomic_load(&p->runnext);
    if (next)
        mark_queued(next, p);
}

static void walk_m(M *m) {
    G *g = m->curg;
    if (g) {
        rt_check_that(g->m == m, "a goroutine does not know the M that it is on", g);
        rt_check_that(!m->lockedg || m->lockedg == g, "an M runs another goroutine than the one locked to it", g);
        mark(g, m->p ? PLACE_M : PLACE_CALL);
    }
    if (m->extra && m->extra != g && rt_gstate(m->extra) == G_DEAD)
        mark(m->extra, PLACE_EXTRA);
    if (m->lockedg) {
        rt_check_that(m->lockedg->lockedm == m, "a goroutine does not know the M that it is locked to", m->lockedg);
        if (m->lockedg != g && (m->locked_run || m->nextp))
            mark(m->lockedg, PLACE_GIVEN);
    }
}

static void walk_lists(void) {
    for (int i = 0; i < rt_sched.allocated; i++) {
        P *p = rt_sched.allp[i];
        walk_runq(p);
        rt_check_that(mark_free(p->gfree) == p->ngfree, "ngfree is not the length of a P's free list", NULL);
    }
    walk_global();
    mark_free(atomic_load(&rt_sched.gfree));
    mark_free(rt_sched.gfree_bare);
    for (M *m = atomic_load(&rt_sched.allm); m; m = m->all_next)
        walk_m(m);
}

/* ---- Ps and Ms ----------------------------------------------------------------------------------------------- */

static bool on_idle_list(P *p) {
    for (P *at = rt_sched.pidle; at; at = at->link)
        if (at == p)
            return true;
    return false;
}

/* The M that has been given p and has not taken it yet. */
static M *given_to(P *p) {
    for (M *m = atomic_load(&rt_sched.allm); m; m = m->all_next)
        if (m->nextp == p)
            return m;
    return NULL;
}

static void check_p(P *p) {
    bool idle = on_idle_list(p);
    M *given = given_to(p);
    rt_check_that((p->m != NULL) + idle + (given != NULL) <= 1, "a P is in two places", NULL);
    switch (rt_pstatus(p)) {
    case P_IDLE:
        rt_check_that(idle || given, "an idle P is on no list", NULL);
        rt_check_that(!idle || rt_runq_empty(p), "an idle P has something to run", NULL);
        break;
    case P_RUNNING:
        rt_check_that(p->m && p->m->p == p, "a running P and its M do not know each other", NULL);
        break;
    case P_SYSCALL:
        rt_check_that(p->m && !p->m->p && p->m->oldp == p && atomic_load(&p->status) == rt_pstatus_syscall(p->m),
                      "a P in a system call and its M do not know each other", NULL);
        break;
    case P_GCSTOP:
        rt_check_that(atomic_load(&rt_sched.stopping), "a P is stopped and the world is not", NULL);
        break;
    default:
        rt_check_that(p->id >= rt_sched.procs && rt_runq_empty(p) && !p->m && !p->gfree, "a dead P still has something",
                      NULL);
    }
    rt_check_that((p->id < rt_sched.procs) == (rt_pstatus(p) != P_DEAD), "the Ps from procs on are not the dead ones",
                  NULL);
}

static void check_counts(void) {
    int npidle = 0, nmidle = 0, nmspinning = 0, nlocked = 0;
    for (P *p = rt_sched.pidle; p && npidle <= rt_sched.procs; p = p->link)
        npidle++;
    rt_check_that(npidle == atomic_load(&rt_sched.npidle), "npidle is not the number of idle Ps", NULL);
    for (M *m = rt_sched.midle; m && nmidle <= rt_sched.nm; m = m->link) {
        nmidle++;
        rt_check_that(m->idle && !m->p && !m->nextp && !m->curg && !m->spinning, "an idle M has something", NULL);
    }
    rt_check_that(nmidle == rt_sched.nmidle, "nmidle is not the number of idle Ms", NULL);
    for (M *m = atomic_load(&rt_sched.allm); m; m = m->all_next) {
        nmspinning += m->spinning;
        nlocked += m->parked_locked;
        rt_check_that(!m->p || m->p->m == m, "an M has a P that has another M", NULL);
        rt_check_that(!(m->p && m->nextp) || m->lockedg, "an M has a P and is given another", NULL);
    }
    rt_check_that(nmspinning == atomic_load(&rt_sched.nmspinning), "nmspinning is not the number of spinning Ms", NULL);
    rt_check_that(nlocked == rt_sched.nmidlelocked, "nmidlelocked is not the number of Ms waiting for their goroutine",
                  NULL);
}

/* An M without a goroutine that has a P, or is given one, is going to look for work. */
static bool somebody_looks(void) {
    for (M *m = atomic_load(&rt_sched.allm); m; m = m->all_next)
        if ((m->p || m->nextp) && !m->curg)
            return true;
    return false;
}

/* ---- each G -------------------------------------------------------------------------------------------------- */

static void check_g(G *g) {
    rt_check_that(g->check.place != NOWHERE || rt_gstate(g) == G_WAITING, "a goroutine is nowhere and does not wait",
                  g);
    rt_check_that((g->m != NULL) == (g->check.place == PLACE_M || g->check.place == PLACE_CALL),
                  "a goroutine that does not run is on an M", g);
    if (rt_gstate(g) == G_WAITING)
        rt_check_waiting(g);
}

static void check_all(void) {
    uint64_t begun = 0;
    for (int i = 0; i < rt_sched.allocated; i++)
        begun += atomic_load(&rt_sched.allp[i]->schedtick);
    slices = begun;
    work = false;
    to_run = 0;
    for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next) {
        g->check.place = NOWHERE;
        g->check.nqueued = 0;
    }
    walk_lists();
    if (to_run > most_to_run)
        most_to_run = to_run;
    for (int i = 0; i < rt_sched.allocated; i++)
        check_p(rt_sched.allp[i]);
    check_counts();
    if (work && atomic_load(&rt_sched.npidle) > 0 && !atomic_load(&rt_sched.stopping))
        rt_check_that(somebody_looks(), "a wakeup is lost: something can run, a P is idle, and nobody looks", NULL);
    for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next)
        check_g(g);
    for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next)
        if (rt_gstate(g) == G_WAITING)
            rt_check_waiting_places(g);
}

/* Programs with very many goroutines are checked less often: the walk costs no more than a fixed number of Gs a
 * step. */
#define GS_PER_STEP 32

void rt_check_step(void) {
    static uint64_t gs, credit; /* how many there were at the last walk */
    credit += GS_PER_STEP;
    if (credit < gs)
        return;
    credit = 0;
    gs = 0;
    for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next)
        gs++;
    check_all();
}
