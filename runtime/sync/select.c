/* select.c: waiting for one of several channel operations. (Go's select.go)
 *
 * Pass 1 looks for a case that can go on, in random order so that no case starves: first with a glance at each
 * channel and only the lock of one that seems ready; then, as nobody may be told "none" who cannot be sure of it,
 * with all channels locked together, in the order of their addresses so that two selects cannot wait for each
 * other. If there is none, pass 2 puts the goroutine on every channel's queue and parks. The peer that wakes it has
 * claimed it by G.select_state and done the copying; pass 3 takes it off the other queues. Cases with a NULL
 * channel take no part.
 *
 * Where we differ from Go: the glance; and no lock is held while the goroutine leaves its stack. A channel on which
 * all wait besides their own (quit, done) would else be locked most of the time: the prime sieve on two Ps took 36
 * ms that way and takes 21 (tests/bench).
 */
#include "base/hooks.h"
#include "core/park.h"
#include "sync/chan.h"
#include <stdlib.h>

#define COST_NS 50    /* what a select takes under the virtual clock */
#define STACK_CASES 8 /* more are worked on in malloc'd memory: goroutine stacks are small */
#define MAX_CASES 65536

/* One select while it runs. */
typedef struct Select {
    gr_case *cases;
    int n;               /* live cases: length of pollorder, lockorder, waiters */
    uint16_t *pollorder; /* indexes of the live cases in the order in which pass 1 looks at them */
    uint16_t *lockorder; /* the same sorted by the address of the channel: locking order */
    Waiter *waiters;     /* waiters[i] belongs to case lockorder[i] */
    int chosen;          /* index of the case that went on, -1: none */
    ChanResult result;
    bool early; /* served before it was parked */
} Select;

static gr_chan *chan_at(Select *s, int i) { return s->cases[s->lockorder[i]].chan; }
static bool chan_below(Select *s, int i, int j) { return (uintptr_t)chan_at(s, i) > (uintptr_t)chan_at(s, j); }

/* ---- order --------------------------------------------------------------------------------------------------- */

static void swap_order(Select *s, int i, int j) {
    uint16_t x = s->lockorder[i];
    s->lockorder[i] = s->lockorder[j];
    s->lockorder[j] = x;
}

/* Moves lockorder[at] down the heap [0, n) until no child is above it. */
static void sift_down(Select *s, int at, int n) {
    for (;;) {
        int child = 2 * at + 1;
        if (child >= n)
            return;
        if (child + 1 < n && chan_below(s, child, child + 1))
            child++;
        if (!chan_below(s, at, child))
            return;
        swap_order(s, at, child);
        at = child;
    }
}

/* lockorder[0..last) is sorted; puts lockorder[last] in its place, behind its equals. */
static void sink_last(Select *s, int last) {
    uint16_t x = s->lockorder[last];
    uintptr_t chan = (uintptr_t)s->cases[x].chan;
    int at = last;
    for (; at > 0 && (uintptr_t)chan_at(s, at - 1) < chan; at--)
        s->lockorder[at] = s->lockorder[at - 1];
    s->lockorder[at] = x;
}

static void sort_few(Select *s) {
    for (int i = 1; i < s->n; i++)
        sink_last(s, i);
}

/* Heap sort: no memory, no bad case. */
static void sort_many(Select *s) {
    for (int i = s->n / 2; i-- > 0;)
        sift_down(s, i, s->n);
    for (int end = s->n; end-- > 1;) {
        swap_order(s, 0, end);
        sift_down(s, 0, end);
    }
}

/* Below n. All draws of few cases come from one random number: what is left below the point after a multiplication
 * by n is as good as new (8! is far below 2^32). */
static uint32_t draw(uint32_t n, bool few, uint32_t *luck) {
    if (rt_explore)
        return rt_choose(CHOOSE_CASE, n);
    if (!few)
        return rt_rand(n);
    uint64_t x = (uint64_t)*luck * n;
    *luck = (uint32_t)x;
    return (uint32_t)(x >> 32);
}

/* Shuffles the live cases into pollorder while counting them (inside-out Fisher-Yates). */
static void shuffle(Select *s, int ncases) {
    bool few = ncases <= STACK_CASES;
    uint32_t luck = few && !rt_explore ? rt_rand(UINT32_MAX) : 0;
    for (int i = 0; i < ncases; i++) {
        if (!s->cases[i].chan)
            continue;
        int j = (int)draw((uint32_t)s->n + 1, few, &luck);
        s->pollorder[s->n] = s->pollorder[j];
        s->pollorder[j] = (uint16_t)i;
        s->n++;
    }
}

static void sort(Select *s) {
    /* sorted from the shuffled order: of several cases on one channel each is as likely to be first in its queue */
    for (int i = 0; i < s->n; i++)
        s->lockorder[i] = s->pollorder[i];
    if (s->n <= STACK_CASES)
        sort_few(s);
    else
        sort_many(s);
}

/* ---- locks --------------------------------------------------------------------------------------------------- */

/* A channel may stand in several cases; they are neighbours in lockorder. */
static void lock_all(Select *s) {
    gr_chan *before = NULL;
    for (int i = 0; i < s->n; i++) {
        gr_chan *c = chan_at(s, i);
        if (c != before)
            rt_lock(&c->lock, RANK_CHAN);
        before = c;
    }
}

static void unlock_all(Select *s) {
    gr_chan *before = NULL;
    for (int i = s->n; i-- > 0;) {
        gr_chan *c = chan_at(s, i);
        if (c != before)
            rt_unlock(&c->lock);
        before = c;
    }
}

/* Runs on the M's stack. False: a peer has been faster and expects it to go on by itself. True: it may run
 * elsewhere by now. */
static bool parked(G *g, void *select) {
    uint32_t open = SELECT_OPEN;
    if (atomic_compare_exchange_strong(&g->select_state, &open, SELECT_PARKED))
        return true;
    ((Select *)select)->early = true;
    return false;
}

#ifdef GR_CHECK
int rt_select_places(void *wait_on, Waiter **waiters) {
    Select *s = wait_on;
    *waiters = s->waiters;
    return s->n;
}
#endif

/* ---- the three passes ---------------------------------------------------------------------------------------- */

static G *try_case(Select *s, int i) {
    gr_case *k = &s->cases[i];
    G *peer = NULL;
    s->result = k->op == GR_SEND ? rt_chan_try_send(k->chan, k->val, &peer) : rt_chan_try_recv(k->chan, k->val, &peer);
    s->chosen = s->result == CHAN_WOULD_BLOCK ? -1 : i;
    return peer;
}

/* Chooses a case that goes on, if there is one. Locks held. Returns the goroutine to make ready, NULL: none. */
static G *pass_ready(Select *s) {
    G *peer = NULL;
    for (int i = 0; i < s->n && s->chosen < 0; i++)
        peer = try_case(s, s->pollorder[i]);
    return peer;
}

static bool seems_ready(gr_case *k) {
    gr_chan *c = k->chan;
    return !(k->op == GR_SEND ? rt_chan_seems_full(c) : rt_chan_seems_empty(c)) || rt_chan_closed(c);
}

/* The same without locks but that of a channel that seems ready. */
static G *glance(Select *s) {
    G *peer = NULL;
    for (int i = 0; i < s->n && s->chosen < 0; i++) {
        gr_case *k = &s->cases[s->pollorder[i]];
        if (!seems_ready(k))
            continue;
        rt_lock(&k->chan->lock, RANK_CHAN);
        peer = try_case(s, s->pollorder[i]);
        rt_unlock(&k->chan->lock);
    }
    return peer;
}

static void pass_enqueue(Select *s, G *g) {
    g->wake = NULL;
    for (int i = 0; i < s->n; i++) {
        gr_case *k = &s->cases[s->lockorder[i]];
        Waiter *w = &s->waiters[i];
        *w = (Waiter){.g = g, .elem = k->val, .c = k->chan, .is_select = true};
        rt_waitq_put(k->op == GR_SEND ? &k->chan->sendq : &k->chan->recvq, w);
    }
}

/* Takes the goroutine off the queues; the waker has unlinked the place it served. A lock at a time: as long as the
 * state is SELECT_SERVED nobody else does more to a place than to throw it away. */
static void pass_dequeue(Select *s, G *g) {
    for (int i = 0; i < s->n; i++) {
        gr_case *k = &s->cases[s->lockorder[i]];
        Waiter *w = &s->waiters[i];
        if (!s->early && w == g->wake)
            continue;
        rt_lock(&k->chan->lock, RANK_CHAN);
        rt_waitq_remove(k->op == GR_SEND ? &k->chan->sendq : &k->chan->recvq, w);
        rt_unlock(&k->chan->lock);
    }
    /* Early, the waker may still have been at work when we came; it was done when it let go of its lock, which we
     * have held since. */
    Waiter *wake = g->wake;
    rt_assert(wake);
    g->wake = NULL;
    s->chosen = s->lockorder[wake - s->waiters];
    s->result = wake->success ? CHAN_DONE : CHAN_CLOSED;
    store_relaxed(uint32_t, &g->select_state, SELECT_OPEN);
}

/* False: none can go on and the goroutine is on all queues. Apart, as nothing in it suspends: what asyncify puts
 * around calls costs as much as a lock. */
static __attribute__((noinline)) bool attempt(Select *s, int ncases, bool has_default, gr_site *site) {
    shuffle(s, ncases);
    s->chosen = -1;
    G *peer = glance(s);
    if (s->chosen < 0) {
        sort(s);
        lock_all(s);
        peer = pass_ready(s);
        bool wait = s->chosen < 0 && !has_default;
        if (wait)
            pass_enqueue(s, rt_getg());
        unlock_all(s);
        if (wait)
            return false;
    }
    if (peer)
        rt_ready(peer, true, site);
    return true;
}

/* Called when the goroutine is on all queues. */
static __attribute__((noinline)) void wait_for_peer(Select *s, gr_site *site) {
    rt_park(parked, s, WAIT_SELECT, site);
    pass_dequeue(s, rt_getg());
}

static int run(Select *s, int ncases, bool has_default, gr_site *site) {
    if (!attempt(s, ncases, has_default, site))
        wait_for_peer(s, site);
    if (s->chosen < 0)
        return -1;
    gr_case *k = &s->cases[s->chosen];
    if (k->op == GR_SEND && s->result == CHAN_CLOSED)
        rt_panic("send on closed channel", site);
    k->ok = k->op == GR_RECV && s->result == CHAN_DONE;
    return s->chosen;
}

/* ---- entry --------------------------------------------------------------------------------------------------- */

/* One case is a plain operation, with default one that does not block; Go's compiler rewrites these. */
static int select_one(gr_case *k, bool has_default, gr_site *site) {
    if (has_default) {
        if (!k->chan)
            return -1;
        bool ok = false;
        bool done =
            k->op == GR_SEND ? rt_chan_send_now(k->chan, k->val, site) : rt_chan_recv_now(k->chan, k->val, &ok, site);
        if (!done)
            return -1;
        k->ok = ok;
        return 0;
    }
    if (k->op == GR_SEND) {
        gr_chan_send_at(k->chan, k->val, site);
        k->ok = false;
    } else {
        k->ok = gr_chan_recv_at(k->chan, k->val, site);
    }
    return 0;
}

static bool is_timed(gr_case *k) { return k->op == GR_RECV && k->chan && k->chan->timer; }

/* Whether some have channels with a timer. */
static bool check_cases(gr_case *cases, int n, gr_site *site) {
    bool timed = false;
    if (n < 0 || n > MAX_CASES)
        rt_fatal_at("gr_select: the number of cases must be 0 to 65536", site);
    for (int i = 0; i < n; i++) {
        if (cases[i].op != GR_SEND && cases[i].op != GR_RECV)
            rt_fatal_at("gr_select: a case's op must be GR_SEND or GR_RECV", site);
        timed |= is_timed(&cases[i]);
    }
    return timed;
}

/* Apart from gr_select_at so that the arrays take no stack when they are not used. */
static __attribute__((noinline)) int select_few(gr_case *cases, int n, bool has_default, gr_site *site) {
    uint16_t pollorder[STACK_CASES], lockorder[STACK_CASES];
    Waiter waiters[STACK_CASES];
    Select s = {.cases = cases, .pollorder = pollorder, .lockorder = lockorder, .waiters = waiters};
    return run(&s, n, has_default, site);
}

static __attribute__((noinline)) int select_many(gr_case *cases, int n, bool has_default, gr_site *site) {
    Waiter *waiters = malloc((size_t)n * (sizeof(Waiter) + 2 * sizeof(uint16_t)));
    if (!waiters)
        rt_fatal("out of memory (gr_select)");
    uint16_t *pollorder = (uint16_t *)(void *)(waiters + n);
    Select s = {.cases = cases, .pollorder = pollorder, .lockorder = pollorder + n, .waiters = waiters};
    int chosen = run(&s, n, has_default, site);
    free(waiters);
    return chosen;
}

/* With several live cases. */
static int select_several(gr_case *cases, int n, bool has_default, gr_site *site) {
    return n <= STACK_CASES ? select_few(cases, n, has_default, site) : select_many(cases, n, has_default, site);
}

/* ---- channels with a timer ----------------------------------------------------------------------------------- */

static void each_timer(gr_case *cases, int n, void (*fn)(gr_timer *t)) {
    for (int i = 0; i < n; i++)
        if (is_timed(&cases[i]))
            fn(cases[i].chan->timer);
}

static __attribute__((noinline)) int select_timed(gr_case *cases, int n, bool has_default, gr_site *site) {
    each_timer(cases, n, has_default ? rt_timer_poll : rt_timer_watch);
    int chosen = select_several(cases, n, has_default, site);
    if (!has_default)
        each_timer(cases, n, rt_timer_unwatch);
    return chosen;
}

int gr_select_at(gr_case *cases, int n, bool has_default, gr_site *site) {
    bool timed = check_cases(cases, n, site);
    if (n == 0) {
        rt_charge(COST_NS);
        if (has_default)
            return -1;
        rt_park(NULL, NULL, WAIT_SELECT_EMPTY, site);
        rt_throw("gr_select: goroutine without cases went on");
    }
    if (n == 1) {
        if (has_default)
            rt_charge(COST_NS);
        return select_one(cases, has_default, site);
    }
    rt_charge(COST_NS);
    if (__builtin_expect(timed, 0))
        return select_timed(cases, n, has_default, site);
    return select_several(cases, n, has_default, site);
}
