/* timers.c: the timers of each P: a heap with a lock of its own. (the lower half of Go's runtime/time.go)
 *
 * A timer goes into the heap of the P it is set on. The P fires what is due between two slices; an M that looks for
 * work fires what is due on other Ps in its last round (steal_work), and the M that sleeps for timers sleeps until
 * the earliest of all. So the timers of a P that is idle, in a system call or busy with a long slice fire elsewhere
 * as long as there is an idle P.
 *
 * Invariants, while ts->lock is free
 *  1. heap[i].t->at == i + 1 and heap[i].t->ts == ts for every entry; t->at == 0 for every other timer of ts.
 *  2. ts->next is heap[0].when, TIMER_NEVER for an empty heap. It is read without the lock.
 *  3. Whoever lowers ts->next then looks at rt_sched.sleep_until (rt_timer_earlier), whoever lengthens that then
 *     looks at ts->next again: one of the two sees the other's.
 *
 * The heap's arity is 4: flatter than 2, and four children share a cache line or two. Entries of the same time fire
 * in the order in which they were set (nth), which sim relies on.
 *
 * Where we differ from Go: a timer that is stopped leaves its heap at once, found by `at`. Go marks it and cleans
 * up later, for which it must keep its memory; ours is given back by gr_timer_free or lies on a stack. And one call
 * fires only as many timers as the queue of the P has room for, so that a hundred thousand due at once do not need
 * as many stacks.
 */
#include "base/hooks.h"
#include "core/driver.h"
#include "core/timers.h"
#include <stdlib.h>

#define ARITY 4
#define ROOM (RUNQ / 2)

typedef struct Entry {
    int64_t when; /* rt_now at which it fires */
    uint64_t nth; /* breaks ties: in the order of setting */
    Timer *t;
} Entry;

struct Timers {
    rt_mutex lock;        /* RANK_TIMERS; two of them by address */
    _Atomic int64_t next; /* invariant 2 */
    Entry *heap;
    uint32_t n, cap;
    uint64_t nset; /* the last nth given out */
};

/* ---- the heap ------------------------------------------------------------------------------------------------ */

static bool earlier(const Entry *a, const Entry *b) { return a->when != b->when ? a->when < b->when : a->nth < b->nth; }

static void put_at(Entry *heap, uint32_t i, Entry e) {
    heap[i] = e;
    e.t->at = i + 1;
}

static void sift_up(Timers *ts, uint32_t i, Entry e) {
    Entry *heap = ts->heap;
    while (i > 0) {
        uint32_t parent = (i - 1) / ARITY;
        if (!earlier(&e, &heap[parent]))
            break;
        put_at(heap, i, heap[parent]);
        i = parent;
    }
    put_at(heap, i, e);
}

static void sift_down(Timers *ts, uint32_t i, Entry e) {
    Entry *heap = ts->heap;
    for (;;) {
        uint32_t first = i * ARITY + 1, least = first;
        if (first >= ts->n)
            break;
        for (uint32_t k = first + 1; k < first + ARITY && k < ts->n; k++)
            if (earlier(&heap[k], &heap[least]))
                least = k;
        if (!earlier(&heap[least], &e))
            break;
        put_at(heap, i, heap[least]);
        i = least;
    }
    put_at(heap, i, e);
}

#ifdef GR_CHECK
/* Entry i is not earlier than its parent, and no child is earlier than it. */
static bool in_order(Timers *ts, uint32_t i) {
    const Entry *h = ts->heap;
    if (i > 0 && earlier(&h[i], &h[(i - 1) / ARITY]))
        return false;
    for (uint32_t k = i * ARITY + 1; k <= i * ARITY + ARITY && k < ts->n; k++)
        if (earlier(&h[k], &h[i]))
            return false;
    return h[i].t->at == i + 1 && h[i].t->ts == ts;
}
#endif

static void grow(Timers *ts, uint32_t n) {
    if (n <= ts->cap)
        return;
    uint32_t cap = ts->cap ? ts->cap : 64;
    while (cap < n)
        cap *= 2;
    Entry *heap = realloc(ts->heap, cap * sizeof *heap);
    if (!heap)
        rt_fatal("out of memory (timers)");
    ts->heap = heap;
    ts->cap = cap;
}

void rt_timer_insert(Timers *ts, Timer *t) {
    rt_assert(t->at == 0);
    rt_assert_slow(t->ts == ts && t->when != TIMER_NEVER);
    grow(ts, ts->n + 1);
    sift_up(ts, ts->n++, (Entry){.when = t->when, .nth = ++ts->nset, .t = t});
    rt_assert_slow(in_order(ts, t->at - 1));
}

void rt_timer_remove(Timers *ts, Timer *t) {
    if (t->at == 0)
        return;
    uint32_t i = t->at - 1;
    rt_assert(i < ts->n && ts->heap[i].t == t);
    t->at = 0;
    Entry last = ts->heap[--ts->n];
    if (last.t == t)
        return;
    if (i > 0 && earlier(&last, &ts->heap[(i - 1) / ARITY]))
        sift_up(ts, i, last);
    else
        sift_down(ts, i, last);
    rt_assert_slow(in_order(ts, last.t->at - 1));
}

/* ---- locks --------------------------------------------------------------------------------------------------- */

Timers *rt_timers_new(void) {
    Timers *ts = port_alloc(sizeof *ts);
    if (ts)
        atomic_store(&ts->next, TIMER_NEVER);
    return ts;
}

static Timers *mine(void) { return port_get_m()->p->timers; }
static Timers *ts_of(Timer *t) { return load_relaxed(Timers *, &t->ts); }
static void belong(Timer *t, Timers *ts) { atomic_store_explicit(&t->ts, ts, memory_order_relaxed); }

Timers *rt_timer_lock(Timer *t) {
    for (;;) {
        Timers *ts = ts_of(t);
        rt_lock(&ts->lock, RANK_TIMERS);
        if (ts_of(t) == ts)
            return ts;
        rt_unlock(&ts->lock); /* it has moved meanwhile */
    }
}

/* t belongs to another P's. If it is in no heap it moves. NULL: it has moved meanwhile. */
static Timers *lock_both(Timer *t, Timers *there, Timers *here) {
    Timers *first = (uintptr_t)there < (uintptr_t)here ? there : here, *second = first == there ? here : there;
    rt_lock(&first->lock, RANK_TIMERS);
    rt_lock(&second->lock, RANK_TIMERS);
    Timers *locked = ts_of(t) != there ? NULL : t->at != 0 ? there : here;
    if (locked == here)
        belong(t, here);
    if (locked != there)
        rt_unlock(&there->lock);
    if (locked != here)
        rt_unlock(&here->lock);
    return locked;
}

Timers *rt_timer_lock_to_set(Timer *t) {
    for (;;) {
        Timers *there = ts_of(t), *here = mine();
        if (!there) { /* new: nobody else knows it */
            belong(t, here);
            rt_lock(&here->lock, RANK_TIMERS);
            return here;
        }
        Timers *locked = there == here ? rt_timer_lock(t) : lock_both(t, there, here);
        if (locked)
            return locked;
    }
}

/* Invariant 2. Returns whether the earliest time has become earlier. */
static bool tell_next(Timers *ts) {
    int64_t next = ts->n > 0 ? ts->heap[0].when : TIMER_NEVER;
    int64_t told = atomic_load_explicit(&ts->next, memory_order_relaxed);
    if (next != told)
        atomic_store(&ts->next, next);
    return next < told;
}

void rt_timers_unlock(Timers *ts) {
    bool sooner = tell_next(ts);
    int64_t next = atomic_load_explicit(&ts->next, memory_order_relaxed);
    rt_unlock(&ts->lock);
    if (sooner)
        rt_timer_earlier(next);
}

/* ---- for the scheduler --------------------------------------------------------------------------------------- */

int64_t rt_timers_next_of(P *p) { return atomic_load(&p->timers->next); }

int64_t rt_timers_next(void) {
    int64_t next = TIMER_NEVER;
    for (int i = 0; i < rt_sched.procs; i++) {
        int64_t when = rt_timers_next_of(rt_sched.allp[i]);
        if (when < next)
            next = when;
    }
    return next;
}

/* The queue of the P that fires has room for more. Only its owner, who asks, adds to it. */
static bool has_room(P *p) {
    return atomic_load_explicit(&p->runq_tail, memory_order_relaxed) -
               atomic_load_explicit(&p->runq_head, memory_order_relaxed) <
           ROOM;
}

int rt_timers_run(P *p, int64_t now) {
    Timers *ts = p->timers;
    P *here = port_get_m()->p;
    int fired = 0;
    rt_lock(&ts->lock, RANK_TIMERS);
    while (ts->n > 0 && ts->heap[0].when <= now && (fired == 0 || has_room(here))) {
        Timer *t = ts->heap[0].t;
        rt_timer_remove(ts, t);
        t->fire(ts, t, now);
        fired++;
    }
    RT_CHECKED(if (rt_config.check) rt_check_fired += (uint64_t)fired;)
    tell_next(ts); /* not earlier but for what this call has set again, and who called looks at it next */
    rt_unlock(&ts->lock);
    return fired;
}

void rt_timers_take(P *from, P *to) {
    Timers *old = from->timers, *ts = to->timers;
    grow(ts, ts->n + old->n);
    if (ts->nset < old->nset)
        ts->nset = old->nset;
    for (uint32_t i = 0; i < old->n; i++) {
        belong(old->heap[i].t, ts);
        sift_up(ts, ts->n++, old->heap[i]);
    }
    old->n = 0;
    tell_next(old);
    tell_next(ts);
}
