/* m.c: the life of Ms: they are made, never freed, and found by their id. (allocm, mcommoninit of Go's proc.go) */
#include "base/random.h"
#include "core/m.h"
#include "core/park.h"

M *rt_m_by_id(uint32_t id) {
    for (M *m = atomic_load(&rt_sched.allm); m; m = m->all_next)
        if (m->id == (int)id)
            return m;
    rt_throw("no such M");
}

M *rt_m_new(bool counted) {
    M *m = port_alloc(sizeof(M));
    if (!m)
        rt_fatal("out of memory (allocating an M)");
    atomic_store(&m->trace.gen, TRACE_CLOSED); /* none */
    m->id = m->trace.id = atomic_fetch_add(&rt_sched.mnext, 1);
    if (counted)
        rt_sched.nm++;
    m->rng = rt_config.sim ? (rt_config.seed + (uint64_t)m->id + 1) * 0x9E3779B97F4A7C15u : port_random();
    m->rng |= 1;
    m->all_next = atomic_load(&rt_sched.allm);
    while (!atomic_compare_exchange_weak(&rt_sched.allm, &m->all_next, m))
        ;
    return m;
}

uint32_t rt_rand(uint32_t n) { return rt_random_below(&port_get_m()->rng, n); }
