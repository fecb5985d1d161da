/* assist.c: while marking is on, whoever makes the heap grow marks as much as keeps it from reaching its goal first.
 * What workers have done before counts for it; if there is nothing to do just now, it waits for what they will do.
 * (gcAssistAlloc, gcParkAssist, gcFlushBgCredit)
 */
#include "core/driver.h"
#include "core/gcwork.h"
#include "core/trace_gc.h"
#include "heap/collect.h"
#include "heap/cycle.h"

typedef struct Debtor {
    G *g;
    int64_t bytes;
    struct Debtor *next;
} Debtor;

static struct {
    rt_mutex lock; /* RANK_MARK */
    Debtor *first, *last;
    _Atomic int64_t credit; /* looked at by workers and claimed by nobody */
    _Atomic int64_t ns;     /* time of assists in this cycle */
    bool open;              /* one may wait; with the lock */
} assists;

void rt_assist_begin(void) {
    atomic_store(&assists.credit, 0);
    atomic_store(&assists.ns, 0);
    assists.open = true;
}

int64_t rt_assist_ns(void) { return atomic_load(&assists.ns); }

static void ready_all(Debtor *d) {
    for (Debtor *next; d; d = next) {
        next = d->next; /* d lies on its stack */
        rt_ready(d->g, false, NULL);
    }
}

void *rt_assist_close(void) {
    Debtor *all = assists.first;
    assists.first = assists.last = NULL;
    assists.open = false;
    return all;
}

void rt_assist_over(void *waited) { ready_all(waited); }

void rt_assist_credit(int64_t bytes) {
    Debtor *paid = NULL, **end = &paid;
    rt_lock(&assists.lock, RANK_MARK);
    for (Debtor *d; (d = assists.first) != NULL && bytes > 0;) {
        int64_t part = d->bytes < bytes ? d->bytes : bytes;
        bytes -= part;
        if ((d->bytes -= part) > 0)
            break;
        assists.first = d->next;
        d->next = NULL;
        *end = d;
        end = &d->next;
    }
    if (!assists.first)
        assists.last = NULL;
    rt_unlock(&assists.lock);
    if (bytes > 0)
        atomic_fetch_add(&assists.credit, bytes);
    ready_all(paid);
}

/* What of it workers have done already. */
static int64_t claim(int64_t bytes) {
    int64_t there = atomic_load(&assists.credit);
    while (there > 0) {
        int64_t part = there < bytes ? there : bytes;
        if (atomic_compare_exchange_weak(&assists.credit, &there, there - part))
            return part;
    }
    return 0;
}

static void wait_for_others(int64_t bytes, gr_site *site) {
    Debtor d = {rt_getg(), bytes, NULL};
    rt_lock(&assists.lock, RANK_MARK);
    if (!assists.open || atomic_load(&assists.credit) >= bytes) {
        rt_unlock(&assists.lock);
        return;
    }
    if (assists.last)
        assists.last->next = &d;
    else
        assists.first = &d;
    assists.last = &d;
    rt_park_unlock(&assists.lock, WAIT_GC_ASSIST, site);
}

void rt_assist(size_t bytes, gr_site *site) {
    int64_t debt = (int64_t)(rt_gc_assist_ratio() * (double)bytes);
    debt -= claim(debt);
    if (debt <= 0)
        return;
    int64_t begun = rt_now();
    rt_trace_gc_mark_assist_begin(port_get_m(), site);
    Marker w;
    G *g = rt_getg();
    g->collects = true;
    rt_mark_enter(&w);
    while (debt > 0) {
        size_t n = rt_mark_some(&w, debt < RT_MARK_CHUNK ? (size_t)debt : RT_MARK_CHUNK);
        if (n == 0)
            break;
        debt -= (int64_t)n;
        rt_charge((int64_t)n / RT_MARK_BYTES_PER_NS);
    }
    bool all = rt_mark_leave(&w);
    g->collects = false;
    atomic_fetch_add(&assists.ns, rt_now() - begun);
    if (all)
        rt_gc_marked(site);
    else if (debt > 0)
        wait_for_others(debt, site);
    rt_trace_gc_mark_assist_end(port_get_m());
}
