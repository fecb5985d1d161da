/* lock.c: the runtime's mutex, a futex with a spin before it; builds with checks watch the order of ranks.
 *
 * After Drepper, "Futexes Are Tricky" (2011), mutex 2: a sleeper leaves the word at 2, so an unlock that finds 1
 * wakes nobody. Held for some instructions only, never over a switch.
 */
#include "base/lock.h"
#include "base/port.h"
#include "base/throw.h"

bool rt_alone;

/* In pauses of 3 ns (V8, AMD EPYC). Sleeping and being woken costs a worker 30 to 40 us: with a limit of 40 pauses
 * the prime sieve on two Ps (tests/bench) slept 55,000 times and took 50 ms, with 1000 it sleeps 5 times. */
#define PATIENCE 1000
#define LONGEST_PAUSE 32 /* a look takes the cache line away from the M that holds the lock */

#define WORD_MAX 3 /* of rt_mutex.word */

#ifdef GR_CHECK
/* What the calling M holds, NULL: it is no M yet. */
static HeldLocks *my_locks(void) { return (HeldLocks *)(void *)port_get_m(); }

void rt_rank_hold(const void *l, rt_rank rank) {
    HeldLocks *h = my_locks();
    if (!h)
        return;
    for (int i = 0; i < h->n; i++) {
        if (h->locks[i] == l)
            rt_throw("lock: taken twice by one M");
        if (h->ranks[i] > rank)
            rt_throw("lock: taken out of order");
    }
    if (h->n == (int)(sizeof h->ranks))
        return; /* a select over many channels; its order is by address */
    h->locks[h->n] = l;
    h->ranks[h->n++] = (uint8_t)rank;
}

void rt_rank_drop(const void *l) {
    HeldLocks *h = my_locks();
    if (!h)
        return;
    for (int i = h->n; i-- > 0;) {
        if (h->locks[i] != l)
            continue;
        h->n--;
        for (; i < h->n; i++) {
            h->locks[i] = h->locks[i + 1];
            h->ranks[i] = h->ranks[i + 1];
        }
        return;
    }
}
#else
static inline void rt_rank_hold(const void *l, rt_rank rank) { (void)l, (void)rank; }
static inline void rt_rank_drop(const void *l) { (void)l; }
#endif

void rt_lock_shared(rt_mutex *l, rt_rank rank) {
    uint32_t v = 0;
    rt_rank_hold(l, rank);
    if (atomic_compare_exchange_strong_explicit(&l->word, &v, 1, memory_order_acquire, memory_order_relaxed))
        return;
    if (v > WORD_MAX)
        rt_overwritten();
    if (rank <= RANK_OF_PS && rt_alone)
        rt_throw("lock: held already, and there is only one M");
    for (int waited = 0, pause = 1; waited < PATIENCE; waited += pause) {
        for (int i = 0; i < pause; i++)
            port_pause();
        if (pause < LONGEST_PAUSE)
            pause *= 2;
        v = 0;
        if (atomic_load_explicit(&l->word, memory_order_relaxed) == 0 &&
            atomic_compare_exchange_weak_explicit(&l->word, &v, 1, memory_order_acquire, memory_order_relaxed))
            return;
    }
    while (atomic_exchange_explicit(&l->word, 2, memory_order_acquire) != 0)
        port_futex_wait((uint32_t *)(void *)&l->word, 2, -1);
}

void rt_unlock_shared(rt_mutex *l) {
    rt_rank_drop(l);
    uint32_t old = atomic_exchange_explicit(&l->word, 0, memory_order_release);
    if (old == 1)
        return;
    if (old == 2)
        port_futex_wake((uint32_t *)(void *)&l->word, 1);
    else if (old == 0)
        rt_throw("lock: unlock of an unlocked lock");
    else if (old > WORD_MAX)
        rt_overwritten();
}
