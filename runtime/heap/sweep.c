/* sweep.c: after a cycle: blocks that nobody has marked are free. (mgcsweep.go)
 *
 * It happens where memory is needed (central.c), before that in proportion to what is allocated, so that all is
 * swept when the next cycle begins, and beside that by a goroutine of its own. A span is swept by whoever has taken
 * it off its list, on one P, without a safe point in between.
 *
 * Blocks allocated since the snapshot were born marked: those from next_then to next that were not allocated before.
 * That is seen here, so allocating does not know of marking.
 */
#include "heap/collect.h"
#include "heap/specials.h"
#include "base/debug.h"
#include "core/trace_gc.h"
#include <string.h>

#define AT_ONCE 10 /* spans the background sweeper sweeps between two looks at who else wants to run */
#define SWEPT_BEFORE ((int64_t)1 << 20) /* all is swept so many bytes before the next cycle begins */

static struct {
    _Atomic int64_t left;       /* spans unswept or being swept */
    _Atomic uint32_t next_list; /* where sweep_one looks first */
    int64_t spans;              /* there were */
    int64_t live;               /* bytes of the heap then, */
    int64_t goal;               /* and until when it shall have ended */
    _Atomic(G *) sweeper;       /* waits for a cycle to end; NULL: it is at work */
} sweep;

/* ---- one span ------------------------------------------------------------------------------------------------ */

static void mark_born(Span *s) {
    for (uint32_t i = s->next_then; i < s->next; i++)
        if (!rt_bit(s->allocated, i))
            s->marked[i / 32] |= 1u << (i % 32);
}

void rt_sweep_span(Span *s, Sweeping *told, gr_site *site) {
    if (told && told->bytes == 0)
        rt_trace_gc_sweep_begin(port_get_m(), site);
    mark_born(s);
    if (rt_debug_vars.traceallocfree)
        rt_allocfree_swept(s);
    if (load_relaxed(Special *, &s->specials))
        rt_specials_sweep(s);
    uint32_t live = 0, had = s->nblocks - s->nfree;
    for (uint32_t w = 0; w < (s->nblocks + 63) / 64; w++) {
        uint64_t marked = atomic_load_explicit(&s->marked[2 * w], memory_order_relaxed) |
                          (uint64_t)atomic_load_explicit(&s->marked[2 * w + 1], memory_order_relaxed) << 32;
        live += (uint32_t)__builtin_popcountll(marked);
        s->allocated[w] = marked;
        atomic_store_explicit(&s->marked[2 * w], 0, memory_order_relaxed);
        atomic_store_explicit(&s->marked[2 * w + 1], 0, memory_order_relaxed);
    }
    s->next = s->next_then = 0;
    s->nfree = s->nblocks - live;
    s->zeroed = false;
    int64_t freed = (int64_t)((had - live) * s->size);
    atomic_fetch_add_explicit(&rt_heap.freed_blocks, had - live, memory_order_relaxed);
    atomic_fetch_sub_explicit(&rt_heap.dead, freed, memory_order_relaxed);
    if (told) {
        told->bytes += s->pages * PAGE;
        told->freed += (uint64_t)freed;
    }
#ifdef HEAP_POISONED
    for (uint32_t i = 0; i < s->nblocks; i++)
        if (!rt_bit(s->allocated, i))
            POISON(rt_block_at(s, i), s->size);
#endif
    atomic_fetch_sub(&sweep.left, 1);
}

void rt_sweep_told(const Sweeping *told) {
    if (told->bytes)
        rt_trace_gc_sweep_end(port_get_m(), told->bytes, told->freed);
}

/* One of any class; false: none is left. */
static bool sweep_one(Sweeping *told, gr_site *site) {
    for (uint32_t i = 0; i < NLISTS; i++) {
        uint32_t list = atomic_load_explicit(&sweep.next_list, memory_order_relaxed) % NLISTS;
        Span *s = rt_central_take_unswept(list);
        if (s) {
            rt_sweep_span(s, told, site);
            rt_central_put(s);
            return true;
        }
        atomic_store_explicit(&sweep.next_list, list + 1, memory_order_relaxed);
    }
    return false;
}

void rt_sweep_all(void) {
    while (sweep_one(NULL, NULL))
        rt_charge(200);
    while (atomic_load(&sweep.left) > 0) /* others are at theirs */
        rt_yield_now(&rt_gc_site_sweep);
}

/* ---- when ---------------------------------------------------------------------------------------------------- */

void rt_sweep_begin(size_t spans) {
    atomic_store(&sweep.left, (int64_t)spans);
    atomic_store(&sweep.next_list, 0);
    sweep.spans = (int64_t)spans;
}

void rt_sweep_goal(int64_t bytes) {
    sweep.live = atomic_load(&rt_heap.live);
    sweep.goal = bytes - SWEPT_BEFORE > sweep.live + (int64_t)PAGE ? bytes - SWEPT_BEFORE : sweep.live + (int64_t)PAGE;
}

void rt_sweep_pay(size_t bytes, gr_site *site) {
    int64_t left = atomic_load_explicit(&sweep.left, memory_order_relaxed);
    if (left <= 0)
        return;
    int64_t done = atomic_load(&rt_heap.live) + (int64_t)bytes - sweep.live, all = sweep.goal - sweep.live;
    int64_t may_be_left = all <= done ? 0 : (int64_t)((double)sweep.spans * (double)(all - done) / (double)all);
    if (left <= may_be_left)
        return;
    Sweeping told = {0};
    while (atomic_load_explicit(&sweep.left, memory_order_relaxed) > may_be_left && sweep_one(&told, site))
        ;
    rt_sweep_told(&told);
}

/* ---- in the background --------------------------------------------------------------------------------------- */

/* A cycle ends with the world stopped, before this or behind it: it goes on, or is found waiting. */
bool rt_gc_waits_sweeper(G *g, void *arg) {
    (void)arg;
    if (atomic_load(&sweep.left) > 0)
        return false;
    atomic_store(&sweep.sweeper, g);
    return true;
}

void rt_gc_entry_sweeper(void *arg) {
    (void)arg;
    for (;;) {
        rt_park(rt_gc_waits_sweeper, NULL, WAIT_GC_SWEEP, &rt_gc_site_sweep);
        for (uint32_t n = 1; sweep_one(NULL, NULL); n++) {
            if (n % AT_ONCE == 0)
                rt_yield_now(&rt_gc_site_sweep);
            else
                rt_charge(200);
        }
    }
}

void rt_sweeper_wake(void) {
    G *g = atomic_exchange(&sweep.sweeper, NULL);
    if (g)
        rt_ready(g, false, NULL);
}
