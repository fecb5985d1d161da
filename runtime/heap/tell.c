/* tell.c: what others are told of the heap: gctrace's line, figures, and in traces where blocks are (AllocFree). */
#include "base/debug.h"
#include "base/text.h"
#include "core/trace_allocfree.h"
#include "heap/cycle.h"
#include <stdio.h>

/* ---- gctrace ------------------------------------------------------------------------------------------------- */

static long long mb(int64_t bytes) { return bytes >> 20; }

/* Milliseconds: from 10 on whole ones, below that with two digits that count and three decimals at most. (fmtNSAsMS) */
static const char *ms(char to[static 24], int64_t ns) {
    int64_t x = ns / 1000, unit = 1000;
    int decimals = 3;
    for (; x >= 100 && decimals > 0; x /= 10, unit /= 10)
        decimals--;
    if (ns >= 10 * GR_MILLISECOND)
        snprintf(to, 24, "%lld", (long long)(ns / GR_MILLISECOND));
    else if (x == 0)
        snprintf(to, 24, "0");
    else
        snprintf(to, 24, "%lld.%0*lld", (long long)(x / unit), decimals, (long long)(x % unit));
    return to;
}

/* Go's line: gc # @#s #%: #+#+# ms clock, #+#/#/#+# ms cpu, #->#-># MB, # MB goal, # MB stacks, #MB globals, # P */
void rt_gctrace(const GcLine *l) {
    char line[400], n[8][24];
    Text t = {0};
    double all = (double)l->until_ns * l->procs;
    snprintf(line, sizeof line,
             "gc %llu @%.3fs %d%%: %s+%s+%s ms clock, %s+%s/%s/%s+%s ms cpu, "
             "%lld->%lld->%lld MB, %lld MB goal, %lld MB stacks, %lld MB globals, %d P%s\n",
             (unsigned long long)l->number, (double)l->at_ns / 1e9,
             all > 0 ? (int)(100 * (double)l->spent_ns / all) : 0, ms(n[0], l->stop1_ns), ms(n[1], l->mark_ns),
             ms(n[2], l->stop2_ns), ms(n[3], l->stop1_ns * l->procs), ms(n[4], l->assist_ns), ms(n[5], l->worker_ns),
             ms(n[6], l->idle_ns), ms(n[7], l->stop2_ns * l->procs), mb(l->begun), mb(l->ended), mb(l->marked),
             mb(l->goal), mb(l->stacks), mb(l->globals), l->procs, l->forced ? " (forced)" : "");
    rt_text_put(&t, line);
    rt_text_flush(&t);
}

/* ---- figures ------------------------------------------------------------------------------------------------- */

void gr_read_gc_stats(gr_gc_stats *stats) {
    rt_charge(100);
    if (!stats)
        rt_fatal("gr_read_gc_stats: the place for the figures is NULL");
    Pages *h = &rt_heap.pages;
    int64_t goal = rt_pacer.goal;
    *stats = (gr_gc_stats){
        .cycles = rt_gc_cycles(),
        .forced = rt_gc_stats.forced,
        .frees = atomic_load(&rt_heap.freed_blocks),
        .live_bytes = (uint64_t)atomic_load(&rt_heap.live),
        .marked_bytes = rt_gc_stats.marked,
        .goal_bytes = goal == INT64_MAX ? 0 : (uint64_t)goal,
        .system_bytes = atomic_load(&h->system),
        .idle_bytes = atomic_load(&h->idle),
        .copy_bytes = rt_gc_stats.copied,
        .pause_ns = rt_gc_stats.pause_ns,
        .total_pause_ns = rt_gc_stats.total_pause_ns,
        .longest_pause_ns = rt_gc_stats.longest_pause_ns,
        .stopped_ns = rt_gc_stats.stopped_ns,
        .longest_stopped_ns = rt_gc_stats.longest_stopped_ns,
        .mark_ns = rt_gc_stats.mark_ns,
        .worker_ns = rt_workers_ns(false) + rt_workers_ns(true),
        .assist_ns = rt_gc_stats.assist_ns,
    };
    rt_cache_totals(&stats->allocs, &stats->total_bytes);
}

/* ---- AllocFree ----------------------------------------------------------------------------------------------- */

static TraceLocker acquire(void) {
    return rt_allocfree_enabled() ? rt_trace_acquire(port_get_m()) : (TraceLocker){NULL};
}

void rt_allocfree_block(void *block) {
    TraceLocker l = acquire();
    if (!l.m)
        return;
    Span *s = rt_span_of((uintptr_t)block);
    rt_trace_object_alloc(l, (void *)rt_block_at(s, rt_block_number(s, (uintptr_t)block)));
    rt_trace_release(l);
}

void rt_allocfree_span(Span *s, bool alloc) {
    TraceLocker l = acquire();
    if (!l.m)
        return;
    if (alloc)
        rt_trace_span_alloc(l, (void *)s->base, s->pages, s->size_class);
    else
        rt_trace_span_free(l, (void *)s->base);
    rt_trace_release(l);
}

void rt_allocfree_swept(Span *s) {
    TraceLocker l = acquire();
    for (uint32_t i = 0; l.m && i < s->nblocks; i++)
        if ((i < s->next || rt_bit(s->allocated, i)) && !rt_is_marked(s, i))
            rt_trace_object_free(l, (void *)rt_block_at(s, i));
    if (l.m)
        rt_trace_release(l);
}

/* Blocks that a span has: of one that is swept, or is not yet, those that readers have not been told to be free. */
static void tell_span(TraceLocker l, Span *s, uint32_t next) {
    rt_trace_span_exists(l, (void *)s->base, s->pages, s->size_class);
    for (uint32_t i = 0; i < s->nblocks; i++)
        if (i < next || rt_bit(s->allocated, i))
            rt_trace_object_exists(l, (void *)rt_block_at(s, i));
}

void rt_gc_entry_tell(TraceLocker l, bool blocks) {
    rt_gc_goal_event(l);
    Pages *h = &rt_heap.pages;
    for (size_t i = 0; blocks && i < h->nspans; i++)
        tell_span(l, h->spans[i], rt_cache_used(h->spans[i]));
}
