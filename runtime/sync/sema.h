/* sema.h: the semaphore under gr_mutex, gr_rwmutex and gr_waitgroup, and atomics on the words of those public structs. */
#ifndef GR_SEMA_H
#define GR_SEMA_H

#include "../sched/sched.h"

/* What an operation of sync/ takes under the virtual clock. */
#define SYNC_COST_NS 50

/* Takes one, or waits for one with reason and site to show: at the end of the queue, or in front if lifo. [parks] */
void sema_acquire(gr_sema *s, bool lifo, WaitReason reason, gr_site *site);
/* Gives one: to the first waiter if there is one, who runs next; with handoff the caller even yields to it. [parks] if handoff */
void sema_release(gr_sema *s, bool handoff, gr_site *site);

/* The queue of a gr_sema, also used by gr_cond. Caller holds sema_lock(s) with RANK_SEMA. */
void sema_put(gr_sema *s, Waiter *w, bool lifo);
Waiter *sema_take(gr_sema *s); /* the first, NULL: nobody */

_Static_assert(sizeof(rt_mutex) == sizeof(uint32_t) && _Alignof(rt_mutex) == _Alignof(uint32_t),
               "gr_sema.lock is used as an rt_mutex");
static inline rt_mutex *sema_lock(gr_sema *s) { return (rt_mutex *)(void *)&s->lock; }

/* goroscope.h must not need <stdatomic.h> (C++, old compilers), so the words there are plain and the atomicity is here. */
#define WORD_LOAD(p) __atomic_load_n((p), __ATOMIC_SEQ_CST)
#define WORD_STORE(p, v) __atomic_store_n((p), (v), __ATOMIC_SEQ_CST)
#define WORD_ADD(p, v) __atomic_add_fetch((p), (v), __ATOMIC_SEQ_CST) /* the new value */
/* On failure *old is what was found instead. */
#define WORD_CAS(p, old, v) __atomic_compare_exchange_n((p), (old), (v), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

/* gr_mutex_lock_at etc. without charging the virtual clock, for use inside other operations. */
void mutex_lock(gr_mutex *m, gr_site *site);
void mutex_unlock(gr_mutex *m, gr_site *site);

#endif
