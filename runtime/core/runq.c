/* runq.c: run queues. Each P has a ring of 256 goroutines that only its owner fills and that anybody may empty, and
 * a slot `runnext` for the goroutine just made ready, which will run next; overflow and injected work go to a
 * global list. Mirrors runqput, runqget, runqgrab of Go's proc.go; the same orderings make it correct.
 *
 * Invariants
 *  1. head <= tail, tail - head <= RUNQ; entries [head, tail) belong to the queue, the rest to nobody.
 *  2. Only the owner stores tail (release: thieves see the entry); head moves by compare-and-swap (release: the
 *     owner may reuse the slot).
 *  3. runnext is taken by compare-and-swap; only the owner stores a G there.
 */
#include "core/runq.h"

#define NEXT_PATIENCE 1000 /* about 3 us, as long as Go's runqgrab sleeps */

/* Owner only. */
static inline uint32_t own_head(P *p) {
    return rt_alone ? load_relaxed(uint32_t, &p->runq_head) : atomic_load_explicit(&p->runq_head, memory_order_acquire);
}

/* Puts g into runnext, returns what was there. Owner only; thieves may take at the same time. */
static inline G *swap_next(P *p, G *g) {
    if (!rt_alone)
        return atomic_exchange_explicit(&p->runnext, g, memory_order_acq_rel);
    G *old = load_relaxed(G *, &p->runnext);
    store_relaxed(G *, &p->runnext, g);
    return old;
}

static void put_tail_slow(P *p, G *g, uint32_t head, uint32_t tail);

/* Puts g at the end of p's queue, or in runnext, kicking the old one to the end. Owner only. */
void rt_runq_put(P *p, G *g, bool next) {
    if (next) {
        g = swap_next(p, g);
        if (!g)
            return;
    }
    uint32_t head = own_head(p);
    uint32_t tail = load_relaxed(uint32_t, &p->runq_tail);
    if (tail - head < RUNQ) {
        store_relaxed(G *, &p->runq[tail % RUNQ], g);
        if (rt_alone)
            store_relaxed(uint32_t, &p->runq_tail, tail + 1);
        else
            atomic_store_explicit(&p->runq_tail, tail + 1, memory_order_release);
        return;
    }
    put_tail_slow(p, g, head, tail);
}

/* The ring is full: half of it and g go to the global queue. */
static void put_tail_slow(P *p, G *g, uint32_t head, uint32_t tail) {
    G *first = NULL, *last = NULL;
    uint32_t n = (tail - head) / 2;
    G *batch[RUNQ / 2 + 1];
    for (uint32_t i = 0; i < n; i++)
        batch[i] = load_relaxed(G *, &p->runq[(head + i) % RUNQ]);
    if (!atomic_compare_exchange_strong_explicit(&p->runq_head, &head, head + n, memory_order_release,
                                                 memory_order_relaxed)) {
        rt_runq_put(p, g, false); /* thieves made room */
        return;
    }
    batch[n++] = g;
    for (uint32_t i = 0; i < n; i++) {
        batch[i]->next = NULL;
        if (last)
            last->next = batch[i];
        else
            first = batch[i];
        last = batch[i];
    }
    rt_lock(&rt_sched.lock, RANK_SCHED);
    rt_globq_put_list(first, last, (int)n);
    rt_unlock(&rt_sched.lock);
}

/* Next goroutine of p. *inherit: it came from runnext and shares the slice of the one that readied it. Owner only. */
G *rt_runq_get(P *p, bool *inherit) {
    /* Only the owner makes it non-NULL: the exchange finds what the look has seen, or nothing if a thief was faster. */
    G *g = load_relaxed(G *, &p->runnext);
    if (g && (g = swap_next(p, NULL)) != NULL) {
        *inherit = true;
        return g;
    }
    *inherit = false;
    for (;;) {
        uint32_t head = own_head(p);
        uint32_t tail = load_relaxed(uint32_t, &p->runq_tail);
        if (tail == head)
            return NULL;
        g = load_relaxed(G *, &p->runq[head % RUNQ]);
        if (rt_alone) {
            store_relaxed(uint32_t, &p->runq_head, head + 1);
            return g;
        }
        if (atomic_compare_exchange_weak_explicit(&p->runq_head, &head, head + 1, memory_order_release,
                                                  memory_order_relaxed))
            return g;
    }
}

bool rt_runq_empty(P *p) {
    /* runnext moves into the ring when it is kicked out: read tail twice to see one consistent moment. */
    for (;;) {
        uint32_t head = atomic_load(&p->runq_head);
        uint32_t tail = atomic_load(&p->runq_tail);
        G *next = atomic_load(&p->runnext);
        if (tail == atomic_load(&p->runq_tail))
            return head == tail && !next;
    }
}

/* The owner runs runnext as soon as its goroutine parks, within a microsecond in programs that hand values back and
 * forth: moving it to another thread would cost more than waiting. So it is taken only if it is still there after a
 * while. */
static G *steal_next(P *from) {
    G *g = atomic_load(&from->runnext);
    if (!g)
        return NULL;
    if (!rt_config.sim) {
        for (int i = 0; i < NEXT_PATIENCE; i++) {
            port_pause();
            if (atomic_load_explicit(&from->runnext, memory_order_relaxed) != g)
                return NULL;
        }
    }
    return atomic_compare_exchange_strong(&from->runnext, &g, NULL) ? g : NULL;
}

/* Moves half of from's ring to thief's and returns one of them; runnext only if the ring is empty and take_next
 * (the last round of a search: it is about to run where it is). */
G *rt_runq_steal(P *thief, P *from, bool take_next) {
    uint32_t t = load_relaxed(uint32_t, &thief->runq_tail);
    for (;;) {
        uint32_t head = atomic_load_explicit(&from->runq_head, memory_order_acquire);
        uint32_t tail = atomic_load_explicit(&from->runq_tail, memory_order_acquire);
        uint32_t n = tail - head;
        n -= n / 2;
        if (n == 0) {
            return take_next ? steal_next(from) : NULL;
        }
        if (n > RUNQ / 2)
            continue; /* head and tail were read at different moments */
        for (uint32_t i = 0; i < n; i++) {
            G *g = load_relaxed(G *, &from->runq[(head + i) % RUNQ]);
            store_relaxed(G *, &thief->runq[(t + i) % RUNQ], g);
        }
        if (!atomic_compare_exchange_strong_explicit(&from->runq_head, &head, head + n, memory_order_acq_rel,
                                                     memory_order_relaxed))
            continue;
        /* The last one runs now, the others are queued. */
        G *g = load_relaxed(G *, &thief->runq[(t + n - 1) % RUNQ]);
        if (n > 1)
            atomic_store_explicit(&thief->runq_tail, t + n - 1, memory_order_release);
        return g;
    }
}

/* Appends a list linked by next. Caller holds rt_sched.lock. */
void rt_globq_put_list(G *head, G *tail, int n) {
    tail->next = NULL;
    if (rt_sched.runq_tail)
        rt_sched.runq_tail->next = head;
    else
        rt_sched.runq_head = head;
    rt_sched.runq_tail = tail;
    atomic_fetch_add(&rt_sched.runq_n, n);
}

bool rt_runq_give_away(P *p) {
    G *head = NULL, *tail = NULL;
    int n = 0;
    bool inherit;
    for (G *g; (g = rt_runq_get(p, &inherit)) != NULL; n++, tail = g) {
        if (tail)
            tail->next = g;
        else
            head = g;
    }
    if (!head)
        return false;
    rt_lock(&rt_sched.lock, RANK_SCHED);
    rt_globq_put_list(head, tail, n);
    rt_unlock(&rt_sched.lock);
    return true;
}

/* Takes p's share of the global queue (at most max if max > 0): returns one, queues the others on p. Caller holds
 * rt_sched.lock and p. */
G *rt_globq_get(P *p, int max) {
    int n = atomic_load(&rt_sched.runq_n);
    if (n == 0)
        return NULL;
    int take = n / rt_sched.procs + 1;
    if (take > n)
        take = n;
    if (max > 0 && take > max)
        take = max;
    if (take > RUNQ / 2)
        take = RUNQ / 2;
    atomic_fetch_sub(&rt_sched.runq_n, take);
    G *first = NULL;
    for (int i = 0; i < take; i++) {
        G *g = rt_sched.runq_head;
        rt_sched.runq_head = g->next;
        if (!rt_sched.runq_head)
            rt_sched.runq_tail = NULL;
        g->next = NULL;
        if (i == 0)
            first = g;
        else
            rt_runq_put(p, g, false);
    }
    return first;
}
