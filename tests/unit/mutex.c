/* mutex.c: mutual exclusion, trylock, and that nobody starves. (After the behaviours of Go's sync/mutex_test.go.) */
#include "check.h"

enum { WORKERS = 8, ROUNDS = 400 };

typedef struct Shared {
    gr_mutex mu;
    gr_waitgroup wg;
    int count;      /* guarded by mu */
    bool inside;    /* guarded by mu: somebody is between lock and unlock */
    int spacing;    /* 0: never yield inside, else every so many rounds */
    int tried, got; /* guarded by mu: trylock results */
} Shared;

static void count_up(void *arg) {
    Shared *s = arg;
    for (int i = 0; i < ROUNDS; i++) {
        gr_mutex_lock(&s->mu);
        CHECK(!s->inside);
        s->inside = true;
        int seen = s->count;
        if (s->spacing && i % s->spacing == 0)
            gr_yield();
        s->count = seen + 1;
        s->inside = false;
        gr_mutex_unlock(&s->mu);
    }
    gr_waitgroup_done(&s->wg);
}

static void only_one_is_inside(void) {
    for (int spacing = 0; spacing <= 7; spacing += 7) {
        Shared s = {.spacing = spacing};
        gr_waitgroup_add(&s.wg, WORKERS);
        for (int i = 0; i < WORKERS; i++)
            gr_go(count_up, &s);
        gr_waitgroup_wait(&s.wg);
        CHECK_EQ(s.count, WORKERS * ROUNDS);
        CHECK(gr_mutex_trylock(&s.mu)); /* left unlocked */
        gr_mutex_unlock(&s.mu);
    }
}

static void trylock_takes_only_a_free_one(void) {
    gr_mutex mu = {0};
    CHECK(gr_mutex_trylock(&mu));
    CHECK(!gr_mutex_trylock(&mu));
    gr_mutex_unlock(&mu);
    gr_mutex_lock(&mu);
    CHECK(!gr_mutex_trylock(&mu));
    gr_mutex_unlock(&mu);
    CHECK(gr_mutex_trylock(&mu));
    gr_mutex_unlock(&mu);
}

static void count_by_trylock(void *arg) {
    Shared *s = arg;
    for (int i = 0; i < ROUNDS; i++) {
        if (i % 3 == 0) {
            if (!gr_mutex_trylock(&s->mu)) {
                gr_yield();
                continue;
            }
            s->got++;
        } else {
            gr_mutex_lock(&s->mu);
        }
        CHECK(!s->inside);
        s->inside = true;
        s->count++;
        s->inside = false;
        gr_mutex_unlock(&s->mu);
    }
    gr_waitgroup_done(&s->wg);
}

static void trylock_among_lockers(void) {
    Shared s = {0};
    int locks = WORKERS * (ROUNDS - (ROUNDS + 2) / 3);
    gr_waitgroup_add(&s.wg, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        gr_go(count_by_trylock, &s);
    gr_waitgroup_wait(&s.wg);
    CHECK_EQ(s.count, locks + s.got);
}

static void unlock_it(void *arg) { gr_mutex_unlock(arg); }

/* A mutex belongs to nobody: another goroutine may unlock it. */
static void another_may_unlock(void) {
    gr_mutex mu = {0};
    for (int i = 0; i < 100; i++) {
        gr_mutex_lock(&mu);
        gr_go(unlock_it, &mu);
    }
    gr_mutex_lock(&mu);
    gr_mutex_unlock(&mu);
}

/* ---- starvation ---- */

typedef struct Greedy {
    gr_mutex mu;
    _Atomic int stop, done;
} Greedy;

/* Holds the mutex nearly always, and takes it again at once. */
static void hog(void *arg) {
    Greedy *g = arg;
    while (!atomic_load(&g->stop)) {
        gr_mutex_lock(&g->mu);
        gr_sleep(100 * GR_MICROSECOND);
        gr_mutex_unlock(&g->mu);
    }
    atomic_store(&g->done, 1);
}

/* One who sleeps between two locks still gets his turn beside one who does not (Go: TestMutexFairness). */
static void the_patient_get_their_turn(void) {
    Greedy g = {0};
    gr_go(hog, &g);
    int64_t start_ns = gr_now();
    for (int i = 0; i < 10; i++) {
        gr_sleep(100 * GR_MICROSECOND);
        gr_mutex_lock(&g.mu);
        gr_mutex_unlock(&g.mu);
    }
    CHECK(gr_now() - start_ns < 10 * GR_SECOND);
    atomic_store(&g.stop, 1);
    check_await(&g.done, 1);
}

typedef struct Turn {
    gr_mutex *mu;
    gr_chan *order;
    int id;
} Turn;

static void take_a_turn(void *arg) {
    Turn *t = arg;
    gr_mutex_lock(t->mu);
    gr_chan_send(t->order, &t->id);
    gr_mutex_unlock(t->mu);
}

/* Those who wait are woken in the order they came. */
static bool waiters_in_order(int64_t patience_ns) {
    enum { N = 6 };
    gr_mutex mu = {0};
    gr_chan *order = gr_chan_make(sizeof(int), N);
    Turn turn[N];
    bool in_order = true;
    gr_mutex_lock(&mu);
    for (int i = 0; i < N; i++) {
        turn[i] = (Turn){&mu, order, i};
        gr_go(take_a_turn, &turn[i]);
        gr_sleep(patience_ns);
    }
    gr_mutex_unlock(&mu);
    for (int i = 0; i < N; i++) {
        int id = -1;
        gr_chan_recv(order, &id);
        in_order &= id == i;
    }
    gr_mutex_lock(&mu); /* the last has unlocked */
    gr_mutex_unlock(&mu);
    gr_chan_free(order);
    return in_order;
}

static void waiters_are_served_first_come_first(void) { CHECK_PATIENT(waiters_in_order); }

TESTS(T(only_one_is_inside), T(trylock_takes_only_a_free_one), T(trylock_among_lockers), T(another_may_unlock),
      T(the_patient_get_their_turn), T(waiters_are_served_first_come_first))
