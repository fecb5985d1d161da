/* extram.c: calls into the program from outside, by threads of the host. (needm, dropm, cgocallback of Go's
 * proc.go, cgocall.go)
 *
 * Each call runs on an extra M: a thread that is not the scheduler's, with a goroutine that is born in a system
 * call, comes out of it to run the function as any goroutine would, locked to its M, goes back into one and ends
 * there. Extra Ms, their threads and stacks are kept and used again; they count as Ms that can hold a P only while
 * a call lasts. When MOST_EXTRA of them are busy, further calls become ordinary goroutines: a thread of the host
 * costs too much for more, and calls may wait for each other.
 */
#include "core/driver.h"
#include "core/extram.h"
#include "core/goroutine.h"
#include "core/idle.h"
#include "core/m.h"
#include "core/proc.h"
#include "core/syscall.h"
#include "core/trace.h"
#include <stdlib.h>

#define MOST_EXTRA 16         /* threads for calls */
#define CALL_STACK (64 << 10) /* bytes */

typedef struct Call {
    void (*fn)(void *);
    void *arg;
    struct Call *next;
} Call;

/* Under rt_sched.lock. */
static Call *waiting; /* to be started as goroutines, the latest first */
static M *unused;     /* extra Ms without a call, linked by link */
static int nextra;    /* all of them */

static gr_site outside = {"(outside)", "(host)", 0, 0};

/* On the goroutine's stack; it is in a system call, without a P. */
static void callback(void *arg) {
    Call *call = arg;
    gr_exitsyscall();
    call->fn(call->arg);
    rt_run_deferred();
    gr_entersyscallblock_at(&outside);
    M *m = port_get_m();
    m->after = AFTER_CALLBACK;
    port_switch_exit(&m->curg->ctx);
}

/* m takes the call: it and its goroutine are part of the program from here on. (needm) */
static void begin_call(M *m, Call *call) {
    G *g = m->extra;
    port_ctx_init(&g->ctx, g->block, g->block_bytes);
    g->fn = callback;
    g->arg = call;
    g->name = "callback";
    g->create_site = &outside;
    g->site = &outside;
    g->creator = 0;
    g->lockedm = m;
    g->locks = 1;
    m->lockedg = g;
    m->call = call;
    m->oldp = NULL;
    if (rt_config.sim) {
        m->clock_ns = rt_sim_floor();
        m->slice_ns = port_now_ns();
        m->syscall_takes = 0;
    }
    uint64_t goid = atomic_fetch_add(&rt_sched.goid, 1) + 1;
    atomic_fetch_add(&rt_sched.ncalls, 1);
    TraceLocker t = rt_trace_acquire_outside(m);
    g->goid = goid;
    g->m = m;
    m->curg = g;
    rt_set_gstate(g, G_SYSCALL);
    if (t.m)
        rt_trace_go_create_syscall(t, g);
    rt_trace_release_outside(t);
}

/* On m's stack, without a P; the goroutine is gone. Takes the next call if one waits. (dropm) */
static void end_call(M *m) {
    free(m->call);
    if (m->extra->ctx.tls)
        port_tls_end(&m->extra->ctx);
    m->extra->lockedm = NULL;
    m->extra->locks = 0;
    m->lockedg = NULL;
    atomic_fetch_sub(&rt_sched.ncalls, 1);
    rt_lock(&rt_sched.lock, RANK_SCHED);
    m->link = unused;
    unused = m;
    rt_sched.nm--;
    rt_check_dead();
    rt_unlock(&rt_sched.lock);
}

void rt_after_callback(M *m, G *g) {
    port_set_away(0); /* sim: the thread goes on with other Ms; it was in a system call, where its host called */
    TraceLocker t = rt_trace_acquire_outside(m);
    rt_set_gstate(g, G_DEAD);
    rt_dropg(m, g);
    if (t.m)
        rt_trace_go_destroy_syscall(t, g);
    rt_trace_release_outside(t);
    end_call(m);
}

/* It called gr_goexit: it has ended as other goroutines do, with its P. */
void rt_after_callback_exit(M *m) {
    P *p = m->p;
    rt_releasep(m);
    rt_handoff_p(p);
    end_call(m);
}

static void rt_extra_main(void *arg) {
    M *m = arg;
    port_set_m(m);
    port_set_away(0);
    for (;;) {
        while (!atomic_exchange(&m->note, 0))
            port_futex_wait((uint32_t *)(void *)&m->note, 0, -1);
        rt_lock(&rt_sched.lock, RANK_SCHED);
        Call *call = m->given;
        m->given = NULL;
        rt_unlock(&rt_sched.lock);
        begin_call(m, call);
        bool more = rt_run_first(m, m->extra);
        while (m->lockedg) {
            if (!more)
                rt_stopm(m);
            more = rt_schedule_once(m);
        }
    }
}

static M *extra_new(void) {
    M *m = rt_m_new(false);
    m->extra = rt_g_new_bare(CALL_STACK);
    nextra++;
    return m;
}

static void as_goroutine(void *arg) {
    Call call = *(Call *)arg;
    free(arg);
    call.fn(call.arg);
}

void rt_start_waiting_calls(void) {
    rt_lock(&rt_sched.lock, RANK_SCHED);
    Call *list = waiting, *first = NULL;
    waiting = NULL;
    rt_lower_attention(ATTEND_CALL);
    rt_unlock(&rt_sched.lock);
    for (Call *next; list; list = next) { /* first come first started */
        next = list->next;
        list->next = first;
        first = list;
    }
    for (Call *next; first; first = next) {
        next = first->next;
        rt_spawn(as_goroutine, first, CALL_STACK, "callback", &outside);
    }
}

void rt_call_from_outside(void (*fn)(void *), void *arg) {
    Call *call = malloc(sizeof *call);
    if (!call)
        rt_fatal("out of memory (call from outside)");
    *call = (Call){fn, arg, NULL};
    rt_lock(&rt_sched.lock, RANK_SCHED);
    M *m = unused;
    bool fresh = !m && nextra < MOST_EXTRA;
    if (m)
        unused = m->link;
    else if (fresh)
        m = extra_new();
    P *idle = NULL;
    if (m) {
        m->given = call;
        rt_sched.nm++;
    } else {
        call->next = waiting;
        waiting = call;
        rt_raise_attention(ATTEND_CALL);
        idle = rt_pidle_get();
    }
    rt_unlock(&rt_sched.lock);
    if (idle)
        rt_startm(idle, false);
    if (!m)
        return;
    if (rt_config.sim) {
        begin_call(m, call);
        return;
    }
    atomic_store(&m->note, 1);
    if (!fresh)
        port_futex_wake((uint32_t *)(void *)&m->note, 1);
    else if (!port_thread_start(rt_extra_main, m))
        rt_fatal("cannot start another worker for a call from outside");
}
