/* schedtrace.c: GRDEBUG=schedtrace=MS prints a line of the scheduler's state every MS ms, with scheddetail=1 also
 * one for each P, M and G. The words are Go's (schedtrace of proc.go), so that what reads theirs reads ours; fields
 * for which there is nothing here are left out. In sim the ms are simulated ones.
 */
#include "base/debug.h"
#include "base/text.h"
#include "core/names.h"
#include "core/sched.h"
#include "drive/schedtrace.h"

static int64_t started, due;

static void field(Text *t, const char *name, int64_t v) {
    rt_text_put(t, name);
    rt_text_i64(t, v);
}

/* "nil" for what there is not. */
static void field_or_nil(Text *t, const char *name, bool is, int64_t v) {
    rt_text_put(t, name);
    if (is)
        rt_text_i64(t, v);
    else
        rt_text_put(t, "nil");
}

static uint32_t queued(P *p) { return atomic_load(&p->runq_tail) - atomic_load(&p->runq_head); }

static void put_p(Text *t, P *p) {
    uint32_t status = atomic_load(&p->status);
    bool in_syscall = (status & PSTATUS_MASK) == P_SYSCALL;
    M *m = p->m;
    field(t, "  P", p->id);
    field(t, ": status=", status & PSTATUS_MASK);
    field(t, " schedtick=", atomic_load(&p->schedtick));
    field_or_nil(t, " m=", in_syscall || m, in_syscall ? (int64_t)(status >> PSTATUS_BITS) : m ? m->id : 0);
    field(t, " runqsize=", queued(p));
    field(t, " gfreecnt=", p->ngfree);
    rt_text_put(t, "\n");
}

static void put_m(Text *t, M *m) {
    P *p = m->p;
    G *curg = m->curg, *lockedg = m->lockedg;
    field(t, "  M", m->id);
    field_or_nil(t, ": p=", p, p ? p->id : 0);
    field_or_nil(t, " curg=", curg, curg ? (int64_t)curg->goid : 0);
    rt_text_put(t, m->spinning ? " spinning=true" : " spinning=false");
    rt_text_put(t, m->idle || m->parked_locked ? " blocked=true" : " blocked=false");
    field_or_nil(t, " lockedg=", lockedg, lockedg ? (int64_t)lockedg->goid : 0);
    rt_text_put(t, "\n");
}

static void put_g(Text *t, G *g) {
    M *m = g->m, *lockedm = g->lockedm;
    uint32_t s = rt_gstate(g);
    field(t, "  G", (int64_t)g->goid);
    field(t, ": status=", s);
    rt_text_put(t, "(");
    rt_text_put(t, s == G_WAITING ? rt_text_reason(g->reason) : "");
    field_or_nil(t, ") m=", m, m ? m->id : 0);
    field_or_nil(t, " lockedm=", lockedm, lockedm ? lockedm->id : 0);
    rt_text_put(t, "\n");
}

/* What changes while it is read is shown as it is read. Nothing that is shown is ever freed. */
static void put_sched(Text *t, int64_t now) {
    rt_lock(&rt_sched.lock, RANK_SCHED);
    int idle_ms = rt_sched.nmidle, locked = rt_sched.nmidlelocked, stopwait = rt_sched.stopwait;
    rt_unlock(&rt_sched.lock);
    int procs = atomic_load(&rt_sched.procs);
    bool detailed = rt_debug_vars.scheddetail > 0;
    field(t, "SCHED ", (now - started) / GR_MILLISECOND);
    field(t, "ms: gomaxprocs=", procs);
    field(t, " idleprocs=", atomic_load(&rt_sched.npidle));
    field(t, " threads=", atomic_load(&rt_sched.mnext));
    field(t, " spinningthreads=", atomic_load(&rt_sched.nmspinning));
    field(t, " idlethreads=", idle_ms);
    field(t, " runqueue=", atomic_load(&rt_sched.runq_n));
    if (!detailed) {
        rt_text_put(t, " [");
        for (int i = 0; i < procs; i++)
            field(t, " ", queued(rt_sched.allp[i]));
        rt_text_put(t, " ] schedticks=[");
        for (int i = 0; i < procs; i++)
            field(t, " ", atomic_load(&rt_sched.allp[i]->schedtick));
        rt_text_put(t, " ]\n");
        return;
    }
    field(t, " gcwaiting=", atomic_load(&rt_sched.stopping));
    field(t, " nmidlelocked=", locked);
    field(t, " stopwait=", stopwait);
    field(t, " sysmonwait=", atomic_load(&rt_sched.sysmon_note) == 0);
    rt_text_put(t, "\n");
    for (int i = 0; i < procs; i++)
        put_p(t, rt_sched.allp[i]);
    for (M *m = atomic_load(&rt_sched.allm); m; m = m->all_next)
        put_m(t, m);
    for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next)
        if (rt_gstate(g) != G_DEAD && rt_gstate(g) != G_IDLE)
            put_g(t, g);
}

void rt_schedtrace_tick(int64_t now) {
    if (rt_debug_vars.schedtrace <= 0)
        return;
    if (started == 0)
        started = due = now;
    if (now < due)
        return;
    due = now + rt_debug_vars.schedtrace * GR_MILLISECOND;
    Text t = {.n = 0};
    put_sched(&t, now);
    rt_text_flush(&t);
}
