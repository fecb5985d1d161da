/* rwmutex.c: many readers or one writer, and a waiting writer comes before new readers. (After the behaviours of Go's
 * sync/rwmutex_test.go.) */
#include "check.h"

/* ---- readers share ---- */

typedef struct Readers {
    gr_rwmutex rw;
    gr_chan *inside, *leave, *left;
} Readers;

static void read_until_told(void *arg) {
    Readers *r = arg;
    gr_rwmutex_rlock(&r->rw);
    gr_chan_send(r->inside, NULL);
    gr_chan_recv(r->leave, NULL);
    gr_rwmutex_runlock(&r->rw);
    gr_chan_send(r->left, NULL);
}

static void readers_are_inside_together(void) {
    static const int crowd[] = {1, 3, 10};
    for (int k = 0; k < 3; k++) {
        Readers r = {{{0}, 0, 0, 0, 0}, gr_chan_make(0, 0), gr_chan_make(0, 0), gr_chan_make(0, 0)};
        for (int i = 0; i < crowd[k]; i++)
            gr_go(read_until_told, &r);
        for (int i = 0; i < crowd[k]; i++)
            gr_chan_recv(r.inside, NULL); /* hangs if they kept each other out */
        for (int i = 0; i < crowd[k]; i++)
            gr_chan_send(r.leave, NULL);
        for (int i = 0; i < crowd[k]; i++)
            gr_chan_recv(r.left, NULL);
        gr_chan_free(r.inside);
        gr_chan_free(r.leave);
        gr_chan_free(r.left);
    }
}

/* ---- exclusion ---- */

typedef struct Hammer {
    gr_rwmutex rw;
    _Atomic int activity; /* readers inside + 10000 for a writer inside */
    int value[2];         /* guarded by rw: always equal outside of a writer */
    int rounds;
    gr_waitgroup wg;
} Hammer;

static void hammer_read(void *arg) {
    Hammer *h = arg;
    for (int i = 0; i < h->rounds; i++) {
        gr_rwmutex_rlock(&h->rw);
        int n = atomic_fetch_add(&h->activity, 1) + 1;
        CHECK(n >= 1 && n < 10000);
        if (i % 16 == 0)
            gr_yield();
        CHECK_EQ(h->value[0], h->value[1]);
        atomic_fetch_sub(&h->activity, 1);
        gr_rwmutex_runlock(&h->rw);
    }
    gr_waitgroup_done(&h->wg);
}

static void hammer_write(void *arg) {
    Hammer *h = arg;
    for (int i = 0; i < h->rounds; i++) {
        gr_rwmutex_lock(&h->rw);
        CHECK_EQ(atomic_fetch_add(&h->activity, 10000), 0);
        h->value[0]++;
        if (i % 8 == 0)
            gr_yield();
        h->value[1]++;
        atomic_fetch_sub(&h->activity, 10000);
        gr_rwmutex_unlock(&h->rw);
    }
    gr_waitgroup_done(&h->wg);
}

static void writers_are_alone(void) {
    static const int readers[] = {1, 3, 10};
    for (int k = 0; k < 3; k++) {
        Hammer h = {.rounds = 300};
        gr_waitgroup_add(&h.wg, readers[k] + 2);
        gr_go(hammer_write, &h);
        for (int i = 0; i < readers[k]; i++)
            gr_go(hammer_read, &h);
        gr_go(hammer_write, &h);
        gr_waitgroup_wait(&h.wg);
        CHECK_EQ(h.value[0], 2 * h.rounds);
        CHECK_EQ(h.value[1], 2 * h.rounds);
        CHECK_EQ(h.activity, 0);
    }
}

/* ---- a waiting writer ---- */

typedef struct Line {
    gr_rwmutex rw;
    gr_chan *order;
    _Atomic int started, left;
} Line;

static void write_once(void *arg) {
    Line *l = arg;
    atomic_fetch_add(&l->started, 1);
    gr_rwmutex_lock(&l->rw);
    gr_chan_send(l->order, &(char){'w'});
    gr_rwmutex_unlock(&l->rw);
    atomic_fetch_add(&l->left, 1);
}

static void read_once(void *arg) {
    Line *l = arg;
    atomic_fetch_add(&l->started, 1);
    gr_rwmutex_rlock(&l->rw);
    gr_chan_send(l->order, &(char){'r'});
    gr_rwmutex_runlock(&l->rw);
    atomic_fetch_add(&l->left, 1);
}

static bool writer_first(int64_t patience_ns) {
    Line l = {.order = gr_chan_make(1, 8)};
    char who[4] = "";
    gr_rwmutex_rlock(&l.rw);
    gr_go(write_once, &l);
    check_await(&l.started, 1);
    gr_sleep(patience_ns); /* it waits for us to leave */
    CHECK_EQ(gr_chan_len(l.order), 0);
    gr_go(read_once, &l);
    gr_go(read_once, &l);
    check_await(&l.started, 3);
    gr_sleep(patience_ns);
    bool held_back = gr_chan_len(l.order) == 0; /* new readers wait behind the writer */
    gr_rwmutex_runlock(&l.rw);
    for (int i = 0; i < 3; i++)
        gr_chan_recv(l.order, &who[i]);
    check_await(&l.left, 3);
    gr_chan_free(l.order);
    return held_back && !strcmp(who, "wrr");
}

static void a_waiting_writer_holds_back_new_readers(void) { CHECK_PATIENT(writer_first); }

/* When the writer leaves, the readers that waited for it go before the next writer. */
static bool readers_next(int64_t patience_ns) {
    Line l = {.order = gr_chan_make(1, 8)};
    char who[4] = "";
    gr_rwmutex_lock(&l.rw);
    gr_go(read_once, &l);
    gr_go(read_once, &l);
    check_await(&l.started, 2);
    gr_sleep(patience_ns);
    gr_go(write_once, &l);
    check_await(&l.started, 3);
    gr_sleep(patience_ns);
    CHECK_EQ(gr_chan_len(l.order), 0);
    gr_rwmutex_unlock(&l.rw);
    for (int i = 0; i < 3; i++)
        gr_chan_recv(l.order, &who[i]);
    check_await(&l.left, 3);
    gr_chan_free(l.order);
    return !strcmp(who, "rrw");
}

static void waiting_readers_go_before_the_next_writer(void) { CHECK_PATIENT(readers_next); }

TESTS(T(readers_are_inside_together), T(writers_are_alone), T(a_waiting_writer_holds_back_new_readers),
      T(waiting_readers_go_before_the_next_writer))
