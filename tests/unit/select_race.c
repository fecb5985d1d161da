/* select_race.c: selects of many goroutines against each other: nothing is lost, nothing done twice, no select misses a
 * case that is ready. (After TestSelectStress, TestNonblockSelectRace and doubleselect, select6 of Go's tests.) */
#include "check.h"

static gr_case on_recv(gr_chan *c, void *v) { return (gr_case){GR_RECV, c, v, false}; }
static gr_case on_send(gr_chan *c, void *v) { return (gr_case){GR_SEND, c, v, false}; }

/* ---- four channels, senders and receivers by plain operations and by selects ---- */

enum { CHANS = 4, EACH = 300 };

typedef struct Storm {
    gr_chan *c[CHANS];
    _Atomic int sent, received;
    gr_waitgroup wg;
} Storm;

typedef struct StormOne {
    Storm *storm;
    int k;
} StormOne;

static void send_each(void *arg) {
    StormOne *o = arg;
    for (int i = 0; i < EACH; i++) {
        gr_chan_send(o->storm->c[o->k], &i);
        atomic_fetch_add(&o->storm->sent, 1);
    }
    gr_waitgroup_done(&o->storm->wg);
}

static void recv_each(void *arg) {
    StormOne *o = arg;
    for (int i = 0; i < EACH; i++) {
        CHECK(gr_chan_recv(o->storm->c[o->k], NULL));
        atomic_fetch_add(&o->storm->received, 1);
    }
    gr_waitgroup_done(&o->storm->wg);
}

/* EACH elements on every channel by one goroutine; a channel it is through with becomes NULL. */
static void select_each(Storm *s, gr_op op, _Atomic int *counter) {
    int left[CHANS] = {EACH, EACH, EACH, EACH}, v = 0;
    gr_case cases[CHANS];
    for (int k = 0; k < CHANS; k++)
        cases[k] = (gr_case){op, s->c[k], &v, false};
    for (int n = 0; n < CHANS * EACH; n++) {
        int k = gr_select(cases, CHANS, false);
        if (--left[k] == 0)
            cases[k].chan = NULL;
        atomic_fetch_add(counter, 1);
    }
    gr_waitgroup_done(&s->wg);
}

static void select_sender(void *arg) { select_each(arg, GR_SEND, &((Storm *)arg)->sent); }
static void select_receiver(void *arg) { select_each(arg, GR_RECV, &((Storm *)arg)->received); }

static void storm_of_selects(void) {
    Storm s = {{NULL}, 0, 0, {0}};
    StormOne one[CHANS];
    static const size_t caps[CHANS] = {0, 0, 2, 3};
    for (int k = 0; k < CHANS; k++)
        s.c[k] = gr_chan_make(sizeof(int), caps[k]);
    gr_waitgroup_add(&s.wg, 2 * CHANS + 2);
    for (int k = 0; k < CHANS; k++) {
        one[k] = (StormOne){&s, k};
        gr_go(send_each, &one[k]);
        gr_go(recv_each, &one[k]);
    }
    gr_go(select_sender, &s);
    gr_go(select_receiver, &s);
    gr_waitgroup_wait(&s.wg);
    CHECK_EQ(s.sent, 2 * CHANS * EACH);
    CHECK_EQ(s.received, 2 * CHANS * EACH);
    for (int k = 0; k < CHANS; k++) {
        CHECK_EQ(gr_chan_len(s.c[k]), 0);
        gr_chan_free(s.c[k]);
    }
}

/* ---- a select with default may not overlook a case that is ready all the time ---- */

typedef struct Overlook {
    gr_chan *c1, *c2, *result;
} Overlook;

static void look_at_both(void *arg) {
    Overlook *o = arg;
    gr_case cases[] = {on_recv(o->c1, NULL), on_recv(o->c2, NULL)};
    int k = gr_select(cases, 2, true);
    gr_chan_send(o->result, &k);
}

/* c1 holds an element until after c2 holds (or is closed), so at every moment one of the two is ready. */
static void always_one_ready(bool by_close) {
    for (int i = 0; i < 1000; i++) {
        Overlook o = {gr_chan_make(sizeof(int), 1), gr_chan_make(sizeof(int), 1), gr_chan_make(sizeof(int), 1)};
        int k = -1;
        gr_chan_send(o.c1, &i);
        gr_go(look_at_both, &o);
        if (by_close)
            gr_chan_close(o.c2);
        else
            gr_chan_send(o.c2, &i);
        gr_case take_back = on_recv(o.c1, NULL);
        gr_select(&take_back, 1, true);
        gr_chan_recv(o.result, &k);
        CHECK(k == 0 || k == 1);
        gr_chan_free(o.c1);
        gr_chan_free(o.c2);
        gr_chan_free(o.result);
    }
}

static void default_never_overlooks_an_element(void) { always_one_ready(false); }
static void default_never_overlooks_a_close(void) { always_one_ready(true); }

/* ---- one send through one of several channels arrives through exactly one ---- */

typedef struct Channel4 {
    gr_chan *c[4], *done;
    int n;
    gr_chan *merged;
} Channel4;

static void send_by_select(void *arg) {
    Channel4 *d = arg;
    for (int i = 1; i <= d->n; i++) {
        gr_case cases[4];
        for (int k = 0; k < 4; k++)
            cases[k] = on_send(d->c[k], &i);
        gr_select(cases, 4, false);
    }
    for (int k = 0; k < 4; k++)
        gr_chan_close(d->c[k]);
    gr_chan_send(d->done, NULL);
}

typedef struct Merge {
    gr_chan *from, *to, *done;
} Merge;

static void forward(void *arg) {
    Merge *m = arg;
    int v;
    while (gr_chan_recv(m->from, &v))
        gr_chan_send(m->to, &v);
    gr_chan_send(m->done, NULL);
}

static void no_element_is_sent_twice(void) {
    Channel4 d = {{0}, gr_chan_make(0, 0), 3000, gr_chan_make(sizeof(int), 0)};
    Merge m[4];
    char *seen = calloc(1, (size_t)d.n + 1);
    for (int k = 0; k < 4; k++) {
        d.c[k] = gr_chan_make(sizeof(int), 0);
        m[k] = (Merge){d.c[k], d.merged, d.done};
        gr_go(forward, &m[k]);
    }
    gr_go(send_by_select, &d);
    for (int got = 0; got < d.n; got++) {
        int v = 0;
        gr_chan_recv(d.merged, &v);
        if (CHECK(v >= 1 && v <= d.n))
            CHECK(!seen[v]++);
    }
    for (int k = 0; k < 5; k++) /* four forwarders and the sender */
        gr_chan_recv(d.done, NULL);
    for (int k = 0; k < 4; k++)
        gr_chan_free(d.c[k]);
    gr_chan_free(d.done);
    gr_chan_free(d.merged);
    free(seen);
}

/* ---- waiters in the middle of a queue leave it whole (Go issue 2075) ---- */

typedef struct Queue {
    gr_chan *c, *other, *done;
} Queue;

static void recv_plain(void *arg) {
    Queue *q = arg;
    gr_chan_recv(q->c, NULL);
    gr_chan_send(q->done, NULL);
}

static void recv_or_other(void *arg) {
    Queue *q = arg;
    gr_case cases[] = {on_recv(q->c, NULL), on_recv(q->other, NULL)};
    gr_select(cases, 2, false);
    gr_chan_send(q->done, NULL);
}

static void leaving_the_middle_of_a_queue(void) {
    for (int round = 0; round < 30; round++) {
        Queue q = {gr_chan_make(0, 0), gr_chan_make(0, 0), gr_chan_make(0, 0)};
        for (int i = 0; i < 9; i++) {
            if (i % 3 == round % 3)
                gr_go(recv_or_other, &q);
            else
                gr_go(recv_plain, &q);
        }
        if (round % 2)
            gr_sleep(100 * GR_MICROSECOND);
        for (int i = 0; i < 3; i++)
            gr_chan_send(q.other, NULL); /* the three selects leave the queue of c */
        for (int i = 0; i < 3; i++)
            gr_chan_recv(q.done, NULL);
        for (int i = 0; i < 6; i++)
            gr_chan_send(q.c, NULL);
        for (int i = 0; i < 6; i++)
            gr_chan_recv(q.done, NULL);
        gr_case late = on_send(q.c, NULL);
        CHECK_EQ(gr_select(&late, 1, true), -1);
        gr_chan_free(q.c);
        gr_chan_free(q.other);
        gr_chan_free(q.done);
    }
}

/* ---- closing under the feet of waiting selects ---- */

typedef struct Stop {
    gr_chan *work, *stop;
    _Atomic int taken, stopped;
} Stop;

static void work_until_stopped(void *arg) {
    Stop *s = arg;
    for (;;) {
        gr_case cases[] = {on_recv(s->work, NULL), on_recv(s->stop, NULL)};
        if (gr_select(cases, 2, false) == 1)
            break;
        atomic_fetch_add(&s->taken, 1);
    }
    atomic_fetch_add(&s->stopped, 1);
}

static void close_stops_every_worker(void) {
    for (int round = 0; round < 20; round++) {
        Stop s = {gr_chan_make(sizeof(int), 0), gr_chan_make(0, 0), 0, 0};
        for (int i = 0; i < 20; i++)
            gr_go(work_until_stopped, &s);
        for (int i = 0; i < 100; i++)
            gr_chan_send(s.work, &i);
        gr_chan_close(s.stop);
        check_await(&s.stopped, 20);
        CHECK_EQ(s.taken, 100);
        gr_chan_free(s.work);
        gr_chan_free(s.stop);
    }
}

TESTS(T(storm_of_selects), T(default_never_overlooks_an_element), T(default_never_overlooks_a_close),
      T(no_element_is_sent_twice), T(leaving_the_middle_of_a_queue), T(close_stops_every_worker))
