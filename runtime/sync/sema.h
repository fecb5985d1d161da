/* sema.h: the semaphore under gr_mutex, gr_rwmutex, gr_waitgroup and gr_semaphore, and atomics on the words of
 * public structs. */
#ifndef RT_SEMA_H
#define RT_SEMA_H

#include "core/sched.h"

/* What an operation of sync/ takes under the virtual clock. */
#define SYNC_COST_NS 50

/* A semaphore is a word of 32 bits, its count; who waits on it stands in a table by its address (sema.c). The word
 * is touched by these functions only. */

/* Takes one from *s, or waits for one with reason and site to show: at the end of the queue, or in front if lifo.
 * [parks] */
void rt_sema_acquire(uint32_t *s, bool lifo, WaitReason reason, gr_site *site);
/* Gives one: to the first waiter if there is one, who runs next; with handoff the caller even yields to it. [parks]
 * if handoff */
void rt_sema_release(uint32_t *s, bool handoff, gr_site *site);
#ifdef GR_CHECK
/* g waits for a semaphore: its part of rt_check_waiting (check/check.h). Simulation only. */
void rt_check_sema(G *g);
#endif

/* goroscope.h must not need <stdatomic.h> (C++, old compilers), so the words there are plain and the atomicity is
 * here. With one M at a time (rt_alone) no other can come between the halves of an operation; a locked one is 6-8
 * ns under V8. */
#define WORD_LOAD(p) __atomic_load_n((p), __ATOMIC_SEQ_CST)
#define WORD_STORE(p, v) __atomic_store_n((p), (v), __ATOMIC_SEQ_CST)
/* The new value. */
#define WORD_ADD(p, v)                                                                                                 \
    (__extension__({                                                                                                   \
        __typeof__(p) word_ = (p);                                                                                     \
        __typeof__(*word_) sum_;                                                                                       \
        if (rt_alone)                                                                                                  \
            *word_ = sum_ = *word_ + (v);                                                                              \
        else                                                                                                           \
            sum_ = __atomic_add_fetch(word_, (v), __ATOMIC_SEQ_CST);                                                   \
        sum_;                                                                                                          \
    }))
/* On failure *old is what was found instead. */
#define WORD_CAS(p, old, v)                                                                                            \
    (__extension__({                                                                                                   \
        __typeof__(p) word_ = (p), old_ = (old);                                                                       \
        bool same_;                                                                                                    \
        if (rt_alone) {                                                                                                \
            __typeof__(*word_) now_ = *word_;                                                                          \
            same_ = now_ == *old_;                                                                                     \
            if (same_)                                                                                                 \
                *word_ = (v);                                                                                          \
            else                                                                                                       \
                *old_ = now_;                                                                                          \
        } else {                                                                                                       \
            same_ = __atomic_compare_exchange_n(word_, old_, (v), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);          \
        }                                                                                                              \
        same_;                                                                                                         \
    }))

/* gr_mutex_lock_at etc. without charging the virtual clock, for use inside other operations. */
void rt_mutex_lock(gr_mutex *m, gr_site *site);
void rt_mutex_unlock(gr_mutex *m, gr_site *site);

#endif
