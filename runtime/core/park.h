/* park.h: what the rooms above the scheduler are made of: safe points, parking, making runnable, starting. (proc.c) */
#ifndef RT_PARK_H
#define RT_PARK_H

#include "core/sched.h"

void rt_attend(int64_t ns);

/* To be called at the beginning of every operation of the runtime, with no lock held: a safe point, where the
 * goroutine may be preempted and the world stopped; ends the program where the runtime may not be called, in a
 * system call. Sim: the operation costs ns of virtual time and waits until no other P is behind in time
 * (drive/sim.c). The goroutine may go on on another M. */
static inline void rt_charge(int64_t ns) {
    if (__builtin_expect(load_relaxed(uint32_t, &rt_attention) | port_is_away(), 0))
        rt_attend(ns);
}

_Noreturn void rt_called_away(void);

/* In operations that are no safe point: ends the program if this is not the place to call the runtime. */
static inline void rt_must_be_here(void) {
    if (__builtin_expect(port_is_away(), 0))
        rt_called_away();
}

/* rt_charge would do nothing: for short cuts that call nothing that may suspend. A function with few such calls is
 * cheaper, since asyncify puts code before and behind each. */
static inline bool rt_quiet(void) {
    return __builtin_expect((load_relaxed(uint32_t, &rt_attention) | port_is_away()) == 0, 1);
}

/* Parks the calling goroutine: it is waiting, with reason and site to show, until rt_ready(). unlockf (may be NULL)
 * runs on the M's stack once the goroutine has left its own; it typically unlocks the queue the goroutine has put
 * itself on (held until then). If it returns false the goroutine goes on at once. (gopark) */
static inline void rt_park(bool (*unlockf)(G *g, void *lock), void *lock, WaitReason reason, gr_site *site) {
    M *m = port_get_m(); /* inline: each frame below the caller's makes a switch longer */
    rt_assert(m->p);
    m->unlockf = unlockf;
    m->unlock_arg = lock;
    m->reason = reason;
    m->site = site;
    m->after = AFTER_PARK;
    port_switch_out(&m->curg->ctx);
}
/* rt_park with unlockf = rt_unlock(l). (goparkunlock) */
bool rt_unlock_mutex_parked(G *g, void *lock);
static inline void rt_park_unlock(rt_mutex *l, WaitReason reason, gr_site *site) {
    rt_park(rt_unlock_mutex_parked, l, reason, site);
}
/* Makes a waiting goroutine runnable; it will run next on this P unless next is false (end of the queue). site: the
 * caller's, may be NULL. May be called on an M's own stack (timers). Never parks. (goready) */
void rt_ready(G *g, bool next, gr_site *site);
/* The same by somebody who has no P: it is runnable and on no list, the caller's to inject (rt_inject_glist). */
void rt_unblock(M *m, G *g);
/* Gives up the P in favour of other runnable goroutines. */
void rt_yield_now(gr_site *site);
/* Starts a goroutine; callable on an M's own stack (timers). */
void rt_spawn(void (*fn)(void *), void *arg, size_t stack_bytes, const char *name, gr_site *site);
/* The same before the program runs: wakes no thread that would begin it. (newproc's mainStarted) */
void rt_spawn_first(void (*fn)(void *), size_t stack_bytes, const char *name, gr_site *site);

/* The same for a goroutine of the runtime's own: no program counts it, no list shows it. */
void rt_spawn_system(void (*fn)(void *), const char *name, gr_site *site);

/* Uniformly random below n (n >= 1); from the seed in sim mode. */
uint32_t rt_rand(uint32_t n);

#endif
