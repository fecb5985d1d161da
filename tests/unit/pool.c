/* pool.c: unit tests of gr_pool. What is asserted follows Go's sync/pool_test.go. */
#include "check.h"

static int made, dropped;

static void *make_one(void) { return (void *)(intptr_t)++made; }
static void drop_one(void *x) { dropped += x != NULL; }

static void *object(intptr_t i) { return (void *)i; }
static intptr_t got(gr_pool *p) { return (intptr_t)gr_pool_get(p); }

/* TestPool, before the collections. One P, so that nothing is between two calls. */
static void the_last_comes_first(void) {
    gr_pool p = {.drop = drop_one};
    int procs = gr_gomaxprocs(1);
    CHECK(!gr_pool_get(&p));
    gr_pool_put(&p, NULL);
    CHECK(!gr_pool_get(&p));
    gr_pool_put(&p, object(1));
    gr_pool_put(&p, object(2));
    gr_pool_put(&p, object(3));
    CHECK_EQ(got(&p), 1); /* the one without a lock */
    CHECK_EQ(got(&p), 3);
    CHECK_EQ(got(&p), 2);
    CHECK_EQ(got(&p), 0);
    gr_gomaxprocs(procs);
    gr_pool_free(&p);
}

/* TestPoolNew */
static void what_is_not_there_is_made(void) {
    gr_pool p = {.make = make_one, .drop = drop_one};
    int procs = gr_gomaxprocs(1);
    made = 0;
    CHECK_EQ(got(&p), 1);
    CHECK_EQ(got(&p), 2);
    gr_pool_put(&p, object(42));
    CHECK_EQ(got(&p), 42);
    CHECK_EQ(got(&p), 3);
    gr_gomaxprocs(procs);
    gr_pool_free(&p);
}

/* The second half of TestPool, TestPoolRelease: what is spare over a whole period goes, what was needed in it stays. */
static void trimming_drops_what_nobody_needed(void) {
    gr_pool p = {.drop = drop_one};
    int procs = gr_gomaxprocs(1);
    dropped = 0;
    for (intptr_t i = 1; i <= 101; i++)
        gr_pool_put(&p, object(i));
    gr_pool_trim(&p);
    CHECK_EQ(dropped, 0);
    intptr_t busy[31];
    for (int i = 0; i < 31; i++)
        busy[i] = got(&p);
    for (int i = 31; i-- > 0;)
        gr_pool_put(&p, object(busy[i]));
    gr_pool_trim(&p);
    CHECK_EQ(dropped, 70);
    gr_pool_put(&p, gr_pool_get(&p)); /* not from the ring */
    gr_pool_trim(&p);
    CHECK_EQ(dropped, 100);
    gr_gomaxprocs(procs);
    gr_pool_free(&p);
    CHECK_EQ(dropped, 101);
    gr_pool_put(&p, object(1)); /* as new */
    gr_pool_free(&p);
    CHECK_EQ(dropped, 102);
}

/* What lies on Ps that are no longer there is found by those that are, but for one each. */
static void nothing_is_lost_with_a_p(void) {
    enum { N = 400 };
    gr_pool p = {.drop = drop_one};
    int procs = gr_gomaxprocs(4), found = 0;
    for (intptr_t i = 1; i <= N; i++) {
        gr_pool_put(&p, object(i));
        gr_yield();
        gr_gomaxprocs(i % 100 ? 4 : 1);
    }
    gr_gomaxprocs(1);
    static bool seen[N + 1];
    for (intptr_t x; (x = got(&p)) != 0; found++) {
        CHECK(x <= N && !seen[x]);
        seen[x] = true;
    }
    CHECK(found >= N - 3);
    dropped = 0;
    gr_pool_free(&p);
    CHECK_EQ(dropped + found, N);
    gr_gomaxprocs(procs);
}

/* ---- TestPoolStress ------------------------------------------------------------------------------------------ */

typedef struct Box {
    _Atomic int users;
    int value;
} Box;

static _Atomic int boxes;

static void *new_box(void) {
    atomic_fetch_add(&boxes, 1);
    return calloc(1, sizeof(Box));
}

static void free_box(void *x) {
    atomic_fetch_sub(&boxes, 1);
    free(x);
}

typedef struct User {
    gr_pool *p;
    int rounds;
} User;

/* Nobody has an object that somebody else has, and what one has written the next one reads. */
static void use(void *arg) {
    User *u = arg;
    for (int i = 0; i < u->rounds; i++) {
        Box *b[5];
        int n = 1 + i % 5;
        for (int k = 0; k < n; k++) {
            b[k] = gr_pool_get(u->p);
            CHECK_EQ(atomic_fetch_add(&b[k]->users, 1), 0);
            b[k]->value++;
        }
        if (i % 16 == 0)
            gr_yield();
        if (i % 500 == 499)
            gr_pool_trim(u->p);
        for (int k = 0; k < n; k++) {
            CHECK_EQ(atomic_fetch_sub(&b[k]->users, 1), 1);
            gr_pool_put(u->p, b[k]);
        }
    }
}

static void nobody_shares(void) {
    enum { USERS = 10 };
    gr_pool p = {.make = new_box, .drop = free_box};
    User u = {&p, 2000};
    gr_waitgroup wg = {0};
    atomic_store(&boxes, 0);
    for (int i = 0; i < USERS; i++)
        gr_waitgroup_go(&wg, use, &u);
    gr_waitgroup_wait(&wg);
    gr_pool_free(&p);
    CHECK_EQ(atomic_load(&boxes), 0);
}

/* ---- put here, needed there ---------------------------------------------------------------------------------- */

typedef struct Move {
    gr_pool *p;
    gr_chan *c;
} Move;

static void give_back(void *arg) {
    Move *m = arg;
    Box *b;
    while (gr_chan_recv(m->c, &b))
        gr_pool_put(m->p, b);
}

static void objects_wander(void) {
    gr_pool p = {.make = new_box, .drop = free_box};
    Move m = {&p, gr_chan_make(sizeof(Box *), 8)};
    gr_waitgroup wg = {0};
    atomic_store(&boxes, 0);
    gr_waitgroup_go(&wg, give_back, &m);
    for (int i = 0; i < 2000; i++) {
        Box *b = gr_pool_get(&p);
        b->value++;
        gr_chan_send(m.c, &b);
    }
    gr_chan_close(m.c);
    gr_waitgroup_wait(&wg);
    CHECK(atomic_load(&boxes) < 2000);
    gr_pool_free(&p);
    CHECK_EQ(atomic_load(&boxes), 0);
    gr_chan_free(m.c);
}

TESTS(T(the_last_comes_first), T(what_is_not_there_is_made), T(trimming_drops_what_nobody_needed),
      T(nothing_is_lost_with_a_p), T(nobody_shares), T(objects_wander))
