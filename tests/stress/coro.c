/* coro: sequences of sequences, pulled by whoever holds them: iterators wander between goroutines through channels,
 * sequences block, yield, panic and leave at random places, callers stop early, goroutines are locked to their
 * threads. What comes out of each is what its recipe says, every sequence that began ends exactly once, and every
 * deferred call runs once. */
#include "stress.h"

enum { CHAINS = 24, WORKERS = 6, MAX_DEPTH = 4 };

/* A sequence: the numbers below n, or what another one gives, each plus one. How it ends is part of it. */
typedef struct Seq {
    struct Round *r;
    uint64_t stream;
    int depth; /* sequences below this one */
    uint32_t n;
    enum { RETURN, PANIC, LEAVE, RECOVERED, ENDS } end;
} Seq;

/* An iterator on its way between workers. */
typedef struct Chain {
    Seq seq;
    gr_iter *it;
    uint32_t next; /* the number it must give now, without the depth */
    gr_mutex alone;
} Chain;

typedef struct Round {
    uint64_t seed;
    gr_chan *chains;          /* of Chain *: ready to be pulled on */
    gr_chan *over;            /* of Chain *: at their end */
    _Atomic int began, ended; /* sequences */
    _Atomic int deferred;     /* deferred calls that ran */
    gr_waitgroup workers;
} Round;

static void ends(void *arg) {
    Seq *s = arg;
    atomic_fetch_add(&s->r->ended, 1);
}

static void recovers(void *arg) {
    STRESS_CHECK(!strcmp(gr_recover(), "the end"));
    (void)arg;
}

static void sequence(gr_yield_fn *yield, void *arg);

static void numbers(gr_yield_fn *yield, Seq *s, Rand *rnd) {
    for (uint32_t i = 0; i < s->n; i++) {
        rand_yield(rnd);
        if (rand_below(rnd, 64) == 0)
            gr_sleep(rand_below(rnd, 20) * GR_MICROSECOND);
        if (!yield(&i))
            return;
    }
}

static void stop_below(void *arg) { gr_stop(arg); }

static void plus_one(gr_yield_fn *yield, Seq *s, Rand *rnd) {
    Seq below = {s->r, s->stream + 1000, s->depth - 1, s->n, s->end};
    gr_iter *it = gr_pull(sequence, &below, sizeof(uint32_t));
    gr_defer(stop_below, it); /* also when it ends by the panic of the one below */
    for (uint32_t v; gr_next(it, &v);) {
        v++;
        rand_yield(rnd);
        if (!yield(&v))
            break;
    }
    gr_stop(it); /* below must not outlive this frame */
}

static void sequence(gr_yield_fn *yield, void *arg) {
    Seq *s = arg;
    Rand rnd = rand_of(s->r->seed, s->stream);
    atomic_fetch_add(&s->r->began, 1);
    gr_defer(ends, s);
    if (s->depth > 0)
        plus_one(yield, s, &rnd);
    else
        numbers(yield, s, &rnd);
    if (s->depth > 0 || s->end == RETURN)
        return;
    if (s->end == LEAVE)
        gr_goexit();
    if (s->end == RECOVERED)
        gr_defer(recovers, NULL);
    gr_panic("the end");
}

static bool has_begun(Chain *c) { return c->next > 0 || c->seq.n == 0; }

/* How the sequence ended is how gr_next ends for its caller: in a goroutine of its own. */
typedef struct Last {
    Chain *chain;
    gr_chan *said; /* of bool: whether it was a panic */
} Last;

static void say_how(void *arg) {
    Last *l = arg;
    const char *msg = gr_recover();
    atomic_fetch_add(&l->chain->seq.r->deferred, 1);
    STRESS_CHECK(!msg || !strcmp(msg, "the end"));
    gr_chan_send(l->said, &(bool){msg != NULL});
}

static void finish_it(void *arg) {
    Last *l = arg;
    gr_defer(say_how, l);
    uint32_t v = 1;
    if (l->chain->next == l->chain->seq.n)
        STRESS_CHECK(!gr_next(l->chain->it, &v) && v == 0);
    else
        gr_stop(l->chain->it);
    STRESS_CHECK(!has_begun(l->chain) || l->chain->seq.end == RETURN || l->chain->seq.end == RECOVERED);
}

/* Ends the sequence, by pulling at its end or by stopping it, and then asks it again. */
static void finish(Chain *c) {
    Last l = {c, gr_chan_make(sizeof(bool), 0)};
    bool panicked;
    bool begun = has_begun(c);
    gr_go(finish_it, &l);
    gr_chan_recv(l.said, &panicked);
    gr_chan_free(l.said);
    STRESS_CHECK(panicked == (begun && c->seq.end == PANIC));
    STRESS_CHECK(!gr_next(c->it, NULL));
    gr_stop(c->it);
    STRESS_CHECK(!gr_next(c->it, NULL));
    gr_chan_send(c->seq.r->over, &c);
}

static void pull_some(Chain *c, Rand *rnd) {
    uint32_t times = rand_below(rnd, 20);
    for (uint32_t i = 0; i < times && c->next < c->seq.n; i++) {
        uint32_t v = 0;
        STRESS_CHECK(gr_next(c->it, &v));
        STRESS_CHECK(v == c->next + (uint32_t)c->seq.depth);
        c->next++;
    }
}

static void worker(void *arg) {
    Round *r = arg;
    Rand rnd = rand_of(r->seed, gr_goid());
    for (Chain *c; gr_chan_recv(r->chains, &c);) {
        STRESS_CHECK(gr_mutex_trylock(&c->alone));
        pull_some(c, &rnd);
        gr_mutex_unlock(&c->alone);
        if (c->next == c->seq.n || rand_below(&rnd, 12) == 0)
            finish(c);
        else
            gr_chan_send(r->chains, &c);
    }
    gr_waitgroup_done(&r->workers);
}

/* Beside them: iterators made and used up under a lock on the thread. */
static void locked_worker(void *arg) {
    Round *r = arg;
    Seq s = {r, 99, 2, 50, RETURN};
    gr_lockosthread();
    gr_iter *it = gr_pull(sequence, &s, sizeof(uint32_t));
    uint32_t v = 0, n = 0;
    while (gr_next(it, &v))
        STRESS_CHECK(v == n++ + 2);
    STRESS_CHECK(n == 50);
    gr_stop(it);
    gr_unlockosthread();
    gr_waitgroup_done(&r->workers);
}

static void round_of(uint64_t seed) {
    Round r = {.seed = seed, .chains = gr_chan_make(sizeof(Chain *), CHAINS), .over = gr_chan_make(sizeof(Chain *), 0)};
    Rand rnd = rand_of(seed, 0);
    Chain *chains = must_alloc(CHAINS * sizeof *chains);
    gr_waitgroup_add(&r.workers, WORKERS + 2);
    for (int i = 0; i < CHAINS; i++) {
        Chain *c = &chains[i];
        c->seq =
            (Seq){&r, (uint64_t)i, (int)rand_below(&rnd, MAX_DEPTH), rand_below(&rnd, 150), rand_below(&rnd, ENDS)};
        c->it = gr_pull(sequence, &c->seq, sizeof(uint32_t));
        gr_chan_send(r.chains, &c);
    }
    for (int i = 0; i < WORKERS; i++)
        gr_go(worker, &r);
    gr_go(locked_worker, &r);
    gr_go(locked_worker, &r);
    for (int i = 0; i < CHAINS; i++) {
        Chain *c;
        gr_chan_recv(r.over, &c);
    }
    gr_chan_close(r.chains);
    gr_waitgroup_wait(&r.workers);
    STRESS_CHECK(atomic_load(&r.began) == atomic_load(&r.ended));
    STRESS_CHECK(atomic_load(&r.deferred) == CHAINS);
    gr_chan_free(r.chains);
    gr_chan_free(r.over);
    free(chains);
}

int gr_main(int argc, char **argv) { return stress_main("coro", argc, argv, 5, round_of); }
