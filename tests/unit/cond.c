/* cond.c: condition variables: one signal wakes one, in the order they came; broadcast wakes all. (After the
 * behaviours of Go's sync/cond_test.go.) */
#include "check.h"

typedef struct Room {
    gr_mutex mu;
    gr_cond cond;
    int waiting;    /* guarded by mu: inside gr_cond_wait, or about to be while they hold mu */
    int generation; /* guarded by mu */
    int woken;      /* guarded by mu */
    gr_chan *awake; /* ids of those who woke, in order */
} Room;

typedef struct Guest {
    Room *room;
    int id;
} Guest;

static void wait_once(void *arg) {
    Guest *g = arg;
    Room *r = g->room;
    gr_mutex_lock(&r->mu);
    r->waiting++;
    gr_cond_wait(&r->cond, &r->mu);
    r->waiting--;
    r->woken++;
    gr_chan_send(r->awake, &g->id);
    gr_mutex_unlock(&r->mu);
}

/* A goroutine counted in `waiting` is on the list before it gives up the mutex, so this is exact. */
static void await_waiting(Room *r, int n) {
    for (;;) {
        gr_mutex_lock(&r->mu);
        bool all = r->waiting == n;
        gr_mutex_unlock(&r->mu);
        if (all)
            return;
        gr_yield();
    }
}

static void one_signal_wakes_one_in_order(void) {
    enum { N = 10 };
    Room r = {.awake = gr_chan_make(sizeof(int), N)};
    Guest guest[N];
    for (int i = 0; i < N; i++) {
        guest[i] = (Guest){&r, i};
        gr_go(wait_once, &guest[i]);
        await_waiting(&r, i + 1);
    }
    for (int i = 0; i < N; i++) {
        int id = -1;
        CHECK_EQ(gr_chan_len(r.awake), 0);
        gr_mutex_lock(&r.mu);
        gr_cond_signal(&r.cond);
        gr_mutex_unlock(&r.mu);
        gr_chan_recv(r.awake, &id);
        CHECK_EQ(id, i);
        if (i % 4 == 0)
            gr_sleep(100 * GR_MICROSECOND);
    }
    gr_mutex_lock(&r.mu);
    CHECK_EQ(r.woken, N);
    gr_mutex_unlock(&r.mu);
    gr_cond_signal(&r.cond); /* nobody waits: forgotten */
    gr_chan_free(r.awake);
}

static void broadcast_wakes_all(void) {
    enum { N = 40 };
    Room r = {.awake = gr_chan_make(sizeof(int), N)};
    Guest guest[N];
    for (int round = 0; round < 5; round++) {
        r.woken = 0;
        for (int i = 0; i < N; i++) {
            guest[i] = (Guest){&r, i};
            gr_go(wait_once, &guest[i]);
        }
        await_waiting(&r, N);
        gr_mutex_lock(&r.mu);
        CHECK_EQ(r.woken, 0);
        gr_cond_broadcast(&r.cond);
        gr_mutex_unlock(&r.mu);
        for (int i = 0; i < N; i++)
            gr_chan_recv(r.awake, NULL);
        gr_mutex_lock(&r.mu);
        CHECK_EQ(r.woken, N);
        gr_mutex_unlock(&r.mu);
    }
    gr_chan_free(r.awake);
}

/* ---- generations: a signal wakes one who waited before it, never one who came later ---- */

typedef struct Generations {
    gr_mutex mu;
    gr_cond cond;
    gr_chan *awake;
    _Atomic int running;
} Generations;

typedef struct Born {
    Generations *in;
    int generation;
} Born;

static void wait_and_report(void *arg) {
    Born *b = arg;
    gr_mutex_lock(&b->in->mu);
    atomic_store(&b->in->running, b->generation + 1);
    gr_cond_wait(&b->in->cond, &b->in->mu);
    gr_chan_send(b->in->awake, &b->generation);
    gr_mutex_unlock(&b->in->mu);
}

static void signals_keep_to_generations(void) {
    enum { N = 100 };
    Generations g = {.awake = gr_chan_make(sizeof(int), N)};
    Born born[N];
    int next = 0;
    for (int i = 0; i < N; i++) {
        born[i] = (Born){&g, i};
        gr_go(wait_and_report, &born[i]);
        if (i > 0) {
            int woken = -1;
            gr_chan_recv(g.awake, &woken);
            CHECK_EQ(woken, next++);
        }
        check_await(&g.running, i + 1);
        gr_mutex_lock(&g.mu);
        gr_cond_signal(&g.cond);
        gr_mutex_unlock(&g.mu);
    }
    int woken = -1;
    gr_chan_recv(g.awake, &woken);
    CHECK_EQ(woken, next);
    gr_mutex_lock(&g.mu);
    gr_mutex_unlock(&g.mu);
    gr_chan_free(g.awake);
}

/* ---- stealing: one who comes between signal and wake-up cannot take the signal ---- */

static void signal_cannot_be_stolen(void) {
    for (int round = 0; round < 200; round++) {
        Room r = {.awake = gr_chan_make(sizeof(int), 2)};
        Guest first = {&r, 1}, second = {&r, 2};
        int id = -1;
        gr_go(wait_once, &first);
        await_waiting(&r, 1);
        gr_mutex_lock(&r.mu);
        gr_cond_signal(&r.cond);
        gr_mutex_unlock(&r.mu);
        gr_go(wait_once, &second);
        gr_chan_recv(r.awake, &id);
        CHECK_EQ(id, 1);
        await_waiting(&r, 1);
        gr_mutex_lock(&r.mu);
        gr_cond_broadcast(&r.cond);
        gr_mutex_unlock(&r.mu);
        gr_chan_recv(r.awake, &id);
        CHECK_EQ(id, 2);
        gr_mutex_lock(&r.mu);
        gr_mutex_unlock(&r.mu);
        gr_chan_free(r.awake);
    }
}

/* ---- a bounded queue, the classic use ---- */

typedef struct Bounded {
    gr_mutex mu;
    gr_cond not_full, not_empty;
    int slot[4], head, n;
    int64_t sum;
    gr_waitgroup wg;
} Bounded;

enum { ITEMS = 500 };

static void produce(void *arg) {
    Bounded *q = arg;
    for (int i = 1; i <= ITEMS; i++) {
        gr_mutex_lock(&q->mu);
        while (q->n == 4)
            gr_cond_wait(&q->not_full, &q->mu);
        q->slot[(q->head + q->n++) % 4] = i;
        gr_cond_signal(&q->not_empty);
        gr_mutex_unlock(&q->mu);
    }
    gr_waitgroup_done(&q->wg);
}

static void consume(void *arg) {
    Bounded *q = arg;
    for (int i = 0; i < ITEMS; i++) {
        gr_mutex_lock(&q->mu);
        while (q->n == 0)
            gr_cond_wait(&q->not_empty, &q->mu);
        q->sum += q->slot[q->head];
        q->head = (q->head + 1) % 4;
        q->n--;
        gr_cond_signal(&q->not_full);
        gr_mutex_unlock(&q->mu);
    }
    gr_waitgroup_done(&q->wg);
}

static void bounded_queue(void) {
    Bounded q = {.head = 0};
    gr_waitgroup_add(&q.wg, 6);
    for (int i = 0; i < 3; i++) {
        gr_go(produce, &q);
        gr_go(consume, &q);
    }
    gr_waitgroup_wait(&q.wg);
    CHECK_EQ(q.n, 0);
    CHECK_EQ(q.sum, 3LL * ITEMS * (ITEMS + 1) / 2);
}

TESTS(T(one_signal_wakes_one_in_order), T(broadcast_wakes_all), T(signals_keep_to_generations),
      T(signal_cannot_be_stolen), T(bounded_queue))
