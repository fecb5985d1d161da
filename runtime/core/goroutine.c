/* goroutine.c: making goroutines and reusing dead ones with their stacks.
 *
 * A stack begins with a small block and grows from there (wasm/port/stacks.c). A dead G keeps its block if it has
 * the default size and goes to its P's free list; lists over FREE_MAX share half with the global list (Go's gfput,
 * gfget). Blocks are never zeroed. Gs themselves are never freed: allg may be walked any time.
 */
#include "core/goroutine.h"
#include "core/leave.h"
#include "core/park.h"
#include "core/preempt.h"
#include "core/stw.h"
#include "core/trace.h"
#include "core/trace_allocfree.h"

#define FREE_MAX 64      /* dead Gs a P keeps */
#define FIRST_STACK 2048 /* bytes a stack begins with; Go's stackMin too */
#define GOID_BATCH 16    /* as Go's _GoidCacheBatch */
#define G_CHUNK 16       /* Gs allocated together */

/* One more, where others may read it at any time. */
static void count(_Atomic int64_t *n) { store_relaxed(int64_t, n, load_relaxed(int64_t, n) + 1); }

void rt_g_not_counted(P *p) { count(&p->ended); }

int64_t rt_g_count(void) {
    int64_t n = atomic_load(&rt_sched.ncalls);
    for (int i = 0; i < rt_sched.procs; i++)
        n += atomic_load_explicit(&rt_sched.allp[i]->spawned, memory_order_relaxed) -
             atomic_load_explicit(&rt_sched.allp[i]->ended, memory_order_relaxed);
    return n;
}

/* Ids come in batches of GOID_BATCH a P, as in Go: 1, 2, … on the first P, others where it happens to run. */
static uint64_t new_goid(P *p) {
    if (p->goid_next == p->goid_end) {
        p->goid_next = atomic_fetch_add_explicit(&rt_sched.goid, GOID_BATCH, memory_order_relaxed) + 1;
        p->goid_end = p->goid_next + GOID_BATCH;
    }
    return p->goid_next++;
}

static size_t round_stack(size_t bytes) {
    if (bytes < FIRST_STACK)
        bytes = FIRST_STACK;
    return (bytes + 15) & ~(size_t)15;
}

/* Moves half of p's free list to the global one. */
static void share_free(P *p) {
    G *head = p->gfree, *tail = head;
    for (int i = 1; i < FREE_MAX / 2; i++)
        tail = tail->next;
    p->gfree = tail->next;
    p->ngfree -= FREE_MAX / 2;
    rt_lock(&rt_sched.gfree_lock, RANK_ALLG);
    tail->next = rt_sched.gfree;
    rt_sched.gfree = head;
    rt_unlock(&rt_sched.gfree_lock);
}

void rt_g_free_all(P *p) {
    rt_lock(&rt_sched.gfree_lock, RANK_ALLG);
    for (G *g; (g = p->gfree) != NULL;) {
        p->gfree = g->next;
        g->next = rt_sched.gfree;
        rt_sched.gfree = g;
    }
    p->ngfree = 0;
    rt_unlock(&rt_sched.gfree_lock);
}

/* Gives a dead goroutine's stack back; the G is kept for the next. */
static void free_stack(G *g) {
    rt_trace_stack_free(g->block);
    port_stack_free(g->block, g->block_bytes);
    g->block = NULL;
    g->block_bytes = 0;
    rt_lock(&rt_sched.gfree_lock, RANK_ALLG);
    g->next = rt_sched.gfree_bare;
    rt_sched.gfree_bare = g;
    rt_unlock(&rt_sched.gfree_lock);
}

/* Gives the stacks of dead goroutines back. The Ps hand theirs in first. */
static void free_stacks(void) {
    rt_lock(&rt_sched.gfree_lock, RANK_ALLG);
    G *list = rt_sched.gfree;
    rt_sched.gfree = NULL;
    rt_unlock(&rt_sched.gfree_lock);
    for (G *g = list, *next; g; g = next) {
        next = g->next;
        free_stack(g);
    }
}

void gr_free_stacks_at(gr_site *site) {
    rt_charge(100);
    rt_for_each_p(rt_g_free_all, site);
    free_stacks();
}

void rt_g_free(P *p, G *g) {
    g->goid = 0;
    if (__builtin_expect(g->ctx.tls != NULL, 0))
        port_tls_end(&g->ctx);
    if (__builtin_expect(load_relaxed(struct Suspend *, &g->suspend) != NULL, 0))
        rt_suspend_never(g);
    if (__builtin_expect(g->left != NULL, 0))
        rt_leave_free(g);
    if (!g->system)
        count(&p->ended);
    if (g->block_bytes != round_stack(0)) {
        free_stack(g);
        return;
    }
    g->next = p->gfree;
    p->gfree = g;
    if (++p->ngfree > FREE_MAX)
        share_free(p);
}

/* A dead G with a stack of the default size, NULL if there is none. */
static G *reuse(P *p) {
    if (!p->gfree && rt_sched.gfree) {
        rt_lock(&rt_sched.gfree_lock, RANK_ALLG);
        while (rt_sched.gfree && p->ngfree < FREE_MAX / 2) {
            G *g = rt_sched.gfree;
            rt_sched.gfree = g->next;
            g->next = p->gfree;
            p->gfree = g;
            p->ngfree++;
        }
        rt_unlock(&rt_sched.gfree_lock);
    }
    G *g = p->gfree;
    if (g) {
        p->gfree = g->next;
        p->ngfree--;
    }
    return g;
}

/* A G without a stack: reused, or one of a new chunk, whose others go to the bare free list. */
static G *bare_g(void) {
    rt_lock(&rt_sched.gfree_lock, RANK_ALLG);
    G *g = rt_sched.gfree_bare;
    if (!g) {
        G *chunk = port_alloc(sizeof(G) * G_CHUNK);
        if (!chunk)
            rt_fatal("out of memory (allocating a goroutine)");
        for (int i = 0; i < G_CHUNK; i++) {
            chunk[i].state = G_DEAD;
            chunk[i].next = rt_sched.gfree_bare;
            rt_sched.gfree_bare = &chunk[i];
            chunk[i].all_next = atomic_load(&rt_sched.allg);
            while (!atomic_compare_exchange_weak(&rt_sched.allg, &chunk[i].all_next, &chunk[i]))
                ;
        }
        g = rt_sched.gfree_bare;
    }
    rt_sched.gfree_bare = g->next;
    rt_unlock(&rt_sched.gfree_lock);
    return g;
}

G *rt_g_new_bare(size_t bytes) {
    G *g = bare_g();
    g->block = port_stack_alloc(bytes);
    if (!g->block)
        rt_fatal("out of memory (stack allocation)");
    g->block_bytes = bytes;
    rt_trace_stack_alloc(g->block, bytes);
    return g;
}

static G *get_g(P *p, size_t bytes) {
    G *g = bytes == round_stack(0) ? reuse(p) : NULL;
    return g ? g : rt_g_new_bare(bytes);
}

/* Makes a goroutine that is on no list yet; m has a P. It is runnable, or blocked: a coroutine. */
G *rt_spawn_g(M *m, void (*fn)(void *), void *arg, size_t stack_bytes, const char *name, gr_site *site, bool blocked) {
    G *g = get_g(m->p, round_stack(stack_bytes));
    port_ctx_init(&g->ctx, g->block, g->block_bytes);
    g->fn = fn;
    g->arg = arg;
    g->name = name;
    g->create_site = site;
    g->site = NULL;
    g->reason = blocked ? WAIT_COROUTINE : WAIT_NONE;
    g->coro = NULL;
    g->loop = NULL;
    g->system = false;
    g->creator = m->curg ? m->curg->goid : 0;
    g->wake = NULL;
    g->next = NULL;
    store_relaxed(uint32_t, &g->select_state, SELECT_OPEN);
    g->lockedm = NULL;
    uint64_t goid = new_goid(m->p);
    count(&m->p->spawned);
    TraceLocker t = rt_trace_acquire(m);
    g->goid = goid;
    rt_set_gstate(g, blocked ? G_WAITING : G_RUNNABLE);
    if (t.m) {
        if (blocked)
            rt_trace_go_create_blocked(t, g);
        else
            rt_trace_go_create(t, g);
        rt_trace_release(t);
    }
    return g;
}
