/* mutex.c: gr_mutex. (Go's internal/sync/mutex.go)
 *
 * state = waiters << 3 | starving | woken | locked
 *
 * Normal mode: an unlock wakes the first waiter, which then competes with goroutines that are already running and
 * usually lose to them: good throughput, since a running goroutine can take the lock many times without a switch. A
 * waiter that lost goes back to the front of the queue. One that has waited STARVE_NS turns the mutex to starvation
 * mode: an unlock then hands it to the first waiter, newcomers do not even try and queue up behind. The mode ends
 * with a waiter that is the last or had to wait less. `woken` says that some goroutine is awake and trying, so an
 * unlock need not wake another.
 *
 * Where we differ from Go: an unlock frees the lock and takes the duty to wake a waiter off the state in one step.
 * It touches the mutex again only if that waiter depends on it, so a mutex may be freed by whoever has locked and
 * unlocked it last.
 */
#include "core/driver.h"
#include "core/park.h"
#include "core/runq.h"
#include "sync/sema.h"

enum { MUTEX_LOCKED = 1, MUTEX_WOKEN = 2, MUTEX_STARVING = 4, MUTEX_WAITER = 8 };

#define STARVE_NS 1000000
#define SPIN_ROUNDS 4  /* as Go */
#define SPIN_PAUSES 30 /* port_pause per round */

static int32_t waiters(int32_t state) { return state / MUTEX_WAITER; }

/* Spinning helps only if the owner runs at the same time, on another P, and costs nothing else: nobody waits for
 * our P. */
static bool may_spin(int round) {
    if (round >= SPIN_ROUNDS || rt_config.sim || rt_sched.procs == 1)
        return false;
    int others = rt_sched.procs - 1 - load_relaxed(int, &rt_sched.npidle) - load_relaxed(int, &rt_sched.nmspinning);
    return others > 0 && rt_runq_empty(port_get_m()->p);
}

static void spin(void) {
    for (int i = 0; i < SPIN_PAUSES; i++)
        port_pause();
}

/* The program has written over it, or copied it in use. */
static __attribute__((noinline)) _Noreturn void fail_inconsistent(gr_site *site) {
    rt_fatal_at("sync: inconsistent mutex state", site);
}

/* One attempt in the state `old`, by a goroutine that must take the lock or be counted as waiting. */
static int32_t state_wanted(int32_t old, bool woken, bool starving, gr_site *site) {
    int32_t new = old;
    if (!(old & MUTEX_STARVING))
        new |= MUTEX_LOCKED;
    if (old & (MUTEX_LOCKED | MUTEX_STARVING))
        new += MUTEX_WAITER;
    if (starving && (old & MUTEX_LOCKED))
        new |= MUTEX_STARVING;
    if (woken) {
        if (!(old & MUTEX_WOKEN))
            fail_inconsistent(site);
        new &= ~MUTEX_WOKEN; /* we have it or go to sleep */
    }
    return new;
}

/* Handed over in starvation mode: nobody else touches locked, and the state still counts us as waiting. */
static void take_handover(gr_mutex *m, int32_t old, bool starving, gr_site *site) {
    if ((old & (MUTEX_LOCKED | MUTEX_WOKEN)) || waiters(old) <= 0)
        fail_inconsistent(site);
    int32_t change = MUTEX_LOCKED - MUTEX_WAITER;
    if (!starving || waiters(old) == 1)
        change -= MUTEX_STARVING;
    WORD_ADD(&m->state, change);
}

static void lock_slow(gr_mutex *m, gr_site *site) {
    bool waited = false, starving = false, woken = false;
    int64_t since_ns = 0;
    int round = 0;
    int32_t old = WORD_LOAD(&m->state);
    for (;;) {
        if ((old & (MUTEX_LOCKED | MUTEX_STARVING)) == MUTEX_LOCKED && may_spin(round)) {
            if (!woken && !(old & MUTEX_WOKEN) && waiters(old) > 0)
                woken = WORD_CAS(&m->state, &old, old | MUTEX_WOKEN);
            spin();
            round++;
            old = WORD_LOAD(&m->state);
            continue;
        }
        if (!WORD_CAS(&m->state, &old, state_wanted(old, woken, starving, site)))
            continue;
        if (!(old & (MUTEX_LOCKED | MUTEX_STARVING)))
            return;
        if (!waited)
            since_ns = rt_now();
        rt_sema_acquire(&m->sema, waited, WAIT_MUTEX, site);
        waited = true;
        starving = starving || rt_now() - since_ns > STARVE_NS;
        old = WORD_LOAD(&m->state);
        if (old & MUTEX_STARVING) {
            take_handover(m, old, starving, site);
            return;
        }
        woken = true; /* whoever woke us has set the bit in our name */
        round = 0;
    }
}

/* The first attempt, for a free mutex. */
static inline bool lock_free_one(gr_mutex *m) {
    int32_t free = 0;
    return WORD_CAS(&m->state, &free, MUTEX_LOCKED);
}

/* For a mutex that nobody waits for. */
static inline bool unlock_alone(gr_mutex *m) {
    int32_t alone = MUTEX_LOCKED;
    return WORD_CAS(&m->state, &alone, 0);
}

void rt_mutex_lock(gr_mutex *m, gr_site *site) {
    if (!lock_free_one(m))
        lock_slow(m, site);
}

static void unlock_slow(gr_mutex *m, gr_site *site) {
    int32_t old = WORD_LOAD(&m->state);
    for (;;) {
        if (!(old & MUTEX_LOCKED))
            rt_fatal_at("sync: unlock of unlocked mutex", site);
        bool handover = old & MUTEX_STARVING;
        bool wake = !handover && waiters(old) > 0 && !(old & MUTEX_WOKEN);
        int32_t new = old & ~MUTEX_LOCKED;
        if (wake)
            new = (new - MUTEX_WAITER) | MUTEX_WOKEN;
        if (!WORD_CAS(&m->state, &old, new))
            continue;
        if (wake || handover)
            rt_sema_release(&m->sema, handover, site);
        return;
    }
}

void rt_mutex_unlock(gr_mutex *m, gr_site *site) {
    if (!unlock_alone(m))
        unlock_slow(m, site);
}

static __attribute__((noinline)) void charged_lock(gr_mutex *m, gr_site *site) {
    rt_charge(SYNC_COST_NS);
    rt_mutex_lock(m, site);
}

static __attribute__((noinline)) void charged_unlock(gr_mutex *m, gr_site *site) {
    rt_charge(SYNC_COST_NS);
    rt_mutex_unlock(m, site);
}

void gr_mutex_lock_at(gr_mutex *m, gr_site *site) {
    if (!rt_quiet() || !lock_free_one(m))
        charged_lock(m, site);
}

void gr_mutex_unlock_at(gr_mutex *m, gr_site *site) {
    if (!rt_quiet() || !unlock_alone(m))
        charged_unlock(m, site);
}

bool gr_mutex_trylock(gr_mutex *m) {
    rt_charge(SYNC_COST_NS);
    int32_t old = WORD_LOAD(&m->state);
    /* one try, as Go: losing the race for it means that somebody else has the lock */
    return !(old & (MUTEX_LOCKED | MUTEX_STARVING)) && WORD_CAS(&m->state, &old, old | MUTEX_LOCKED);
}
