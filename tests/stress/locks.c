/* locks: mutexes, rwmutexes, conditions, waitgroups and onces under contention. What they guard is plain memory, so
 * a lock that fails shows as a lost update, and as a data race under TSan. Mutexes and waitgroups are freed the
 * moment the last user knows that it is the last, which ASan would see if an unlock looked back. */
#include "stress.h"

enum { WORKERS = 12, STEPS = 50, QUEUE = 3, ITEMS = 120 };

/* ---- mutex: a counter; whoever is the last to leave frees it ------------------------------------------------- */

typedef struct Counter {
    gr_mutex m;
    int users; /* guarded by m, like count */
    uint64_t count;
    uint64_t seed;
    gr_waitgroup *all;
} Counter;

static void count_up(void *arg) {
    Counter *s = arg;
    gr_waitgroup *all = s->all;
    Rand rnd = rand_of(s->seed, gr_goid());
    for (int i = 0; i < STEPS; i++) {
        if (rand_below(&rnd, 5) != 0 || !gr_mutex_trylock(&s->m))
            gr_mutex_lock(&s->m);
        uint64_t before = s->count;
        if (rand_below(&rnd, 16) == 0)
            gr_yield(); /* with the lock held: the others must wait */
        s->count = before + 1;
        gr_mutex_unlock(&s->m);
        rand_yield(&rnd);
    }
    gr_mutex_lock(&s->m);
    bool last = --s->users == 0;
    uint64_t count = s->count;
    gr_mutex_unlock(&s->m);
    if (last) {
        STRESS_CHECK(count == WORKERS * STEPS);
        free(s);
    }
    gr_waitgroup_done(all);
}

static void mutex_round(uint64_t seed) {
    gr_waitgroup all = {0}; /* on this stack: gone when wait returns */
    Counter *s = must_alloc(sizeof *s);
    s->users = WORKERS;
    s->seed = seed;
    s->all = &all;
    gr_waitgroup_add(&all, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        gr_go(count_up, s);
    gr_waitgroup_wait(&all);
}

/* ---- rwmutex: two words that are equal whenever nobody writes ------------------------------------------------ */

typedef struct Pair {
    gr_rwmutex m;
    uint64_t a, b;
    uint64_t seed;
    gr_waitgroup all;
    _Atomic int writes;
} Pair;

static void read_and_write(void *arg) {
    Pair *p = arg;
    Rand rnd = rand_of(p->seed, gr_goid());
    for (int i = 0; i < STEPS; i++) {
        if (rand_below(&rnd, 4) == 0) {
            gr_rwmutex_lock(&p->m);
            p->a++;
            rand_yield(&rnd);
            p->b++;
            gr_rwmutex_unlock(&p->m);
            atomic_fetch_add(&p->writes, 1);
        } else {
            gr_rwmutex_rlock(&p->m);
            uint64_t a = p->a;
            rand_yield(&rnd);
            STRESS_CHECK(a == p->b);
            gr_rwmutex_runlock(&p->m);
        }
    }
    gr_waitgroup_done(&p->all);
}

static void rwmutex_round(uint64_t seed) {
    Pair *p = must_alloc(sizeof *p);
    p->seed = seed;
    gr_waitgroup_add(&p->all, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        gr_go(read_and_write, p);
    gr_waitgroup_wait(&p->all);
    STRESS_CHECK(p->a == p->b && p->a == (uint64_t)p->writes);
    free(p);
}

/* ---- cond: a bounded queue, signals on one side, broadcasts on the other ------------------------------------- */

typedef struct Bounded {
    gr_mutex m;
    gr_cond not_empty, not_full;
    int items[QUEUE];
    int n;
    int put, got; /* so far */
    uint64_t sum;
    gr_waitgroup all;
} Bounded;

static void put_items(void *arg) {
    Bounded *q = arg;
    for (;;) {
        gr_mutex_lock(&q->m);
        while (q->n == QUEUE && q->put < ITEMS)
            gr_cond_wait(&q->not_full, &q->m);
        bool done = q->put == ITEMS;
        if (!done)
            q->items[q->n++] = ++q->put;
        gr_cond_signal(&q->not_empty);
        if (q->put == ITEMS)
            gr_cond_broadcast(&q->not_full);
        gr_mutex_unlock(&q->m);
        if (done)
            break;
    }
    gr_waitgroup_done(&q->all);
}

static void get_items(void *arg) {
    Bounded *q = arg;
    for (;;) {
        gr_mutex_lock(&q->m);
        while (q->n == 0 && q->got < ITEMS)
            gr_cond_wait(&q->not_empty, &q->m);
        bool done = q->n == 0;
        if (!done) {
            q->sum += (uint64_t)q->items[--q->n];
            q->got++;
        }
        bool last = q->got == ITEMS;
        gr_mutex_unlock(&q->m);
        gr_cond_broadcast(&q->not_full); /* without the lock, as Go allows */
        if (last)
            gr_cond_broadcast(&q->not_empty);
        if (done)
            break;
    }
    gr_waitgroup_done(&q->all);
}

static void cond_round(uint64_t seed) {
    Bounded *q = must_alloc(sizeof *q);
    int putters = 1 + (int)(seed % 4), getters = 1 + (int)(seed % 5);
    gr_waitgroup_add(&q->all, putters + getters);
    for (int i = 0; i < putters; i++)
        gr_go(put_items, q);
    for (int i = 0; i < getters; i++)
        gr_go(get_items, q);
    gr_waitgroup_wait(&q->all);
    STRESS_CHECK(q->got == ITEMS && q->n == 0 && q->sum == (uint64_t)ITEMS * (ITEMS + 1) / 2);
    free(q);
}

/* ---- waitgroup and once: short-lived groups with several waiters --------------------------------------------- */

typedef struct Group {
    gr_waitgroup working; /* what the waiters wait for */
    gr_waitgroup waiting; /* the waiters */
    gr_once once;
    int done[WORKERS]; /* plain: wait orders */
} Group;

typedef struct Member {
    Group *g;
    int i;
} Member;

static int once_count;
static void count_once(void) { once_count++; }

static void work(void *arg) {
    Member *w = arg;
    gr_once_do(&w->g->once, count_once);
    w->g->done[w->i] = 1;
    gr_waitgroup_done(&w->g->working);
}

static void wait_for_all(void *arg) {
    Group *g = arg;
    gr_waitgroup_wait(&g->working);
    for (int i = 0; i < WORKERS; i++)
        STRESS_CHECK(g->done[i] == 1);
    gr_waitgroup_done(&g->waiting);
}

static void waitgroup_round(uint64_t seed) {
    Group *g = must_alloc(sizeof *g);
    Member members[WORKERS];
    int waiters = (int)(seed % 6), before = once_count;
    gr_waitgroup_add(&g->working, WORKERS);
    gr_waitgroup_add(&g->waiting, waiters);
    for (int i = 0; i < waiters; i++)
        gr_go(wait_for_all, g);
    for (int i = 0; i < WORKERS; i++) {
        members[i] = (Member){g, i};
        gr_go(work, &members[i]);
    }
    gr_waitgroup_wait(&g->waiting);
    gr_waitgroup_wait(&g->working);
    STRESS_CHECK(once_count == before + 1);
    free(g);
}

static void run_round(uint64_t seed) {
    mutex_round(seed);
    rwmutex_round(seed);
    cond_round(seed);
    waitgroup_round(seed);
}

int gr_main(int argc, char **argv) { return stress_main("locks", argc, argv, 100, run_round); }
