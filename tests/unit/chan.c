/* chan.c: channels, one goroutine with another: handoff, buffering, order, close, element sizes. (After the behaviours
 * that Go's runtime/chan_test.go and test/chan/ pin down.) */
#include "check.h"

/* ---- unbuffered and buffered transfer ---- */

typedef struct Pair {
    gr_chan *a, *b;
    _Atomic int at; /* how far the other goroutine has come */
    int n;
} Pair;

static void echo_doubled(void *arg) {
    Pair *p = arg;
    int v;
    while (gr_chan_recv(p->a, &v)) {
        v *= 2;
        gr_chan_send(p->b, &v);
    }
    gr_chan_close(p->b);
    atomic_store(&p->at, 1);
}

static void unbuffered_round_trips(void) {
    Pair p = {gr_chan_make(sizeof(int), 0), gr_chan_make(sizeof(int), 0), 0, 0};
    gr_go(echo_doubled, &p);
    for (int i = 0; i < 1000; i++) {
        int v = -1;
        gr_chan_send(p.a, &i);
        CHECK(gr_chan_recv(p.b, &v));
        CHECK_EQ(v, 2 * i);
    }
    gr_chan_close(p.a);
    CHECK(!gr_chan_recv(p.b, NULL));
    check_await(&p.at, 1); /* it may still be inside close */
    gr_chan_free(p.a);
    gr_chan_free(p.b);
}

static void send_one(void *arg) {
    Pair *p = arg;
    atomic_store(&p->at, 1);
    gr_chan_send(p->a, &(int){7});
    atomic_store(&p->at, 2);
}

static void send_blocks_until_received(void) {
    Pair p = {gr_chan_make(sizeof(int), 0), NULL, 0, 0};
    int v = 0;
    gr_go(send_one, &p);
    check_await(&p.at, 1);
    gr_sleep(GR_MILLISECOND);
    CHECK_EQ(atomic_load(&p.at), 1); /* still sending */
    CHECK(gr_chan_recv(p.a, &v));
    CHECK_EQ(v, 7);
    check_await(&p.at, 2);
    gr_chan_free(p.a);
}

static void recv_one(void *arg) {
    Pair *p = arg;
    int v = 0;
    atomic_store(&p->at, 1);
    CHECK(gr_chan_recv(p->a, &v));
    CHECK_EQ(v, 9);
    atomic_store(&p->at, 2);
}

static void recv_blocks_until_sent(void) {
    for (size_t cap = 0; cap < 3; cap++) {
        Pair p = {gr_chan_make(sizeof(int), cap), NULL, 0, 0};
        gr_go(recv_one, &p);
        check_await(&p.at, 1);
        gr_sleep(GR_MILLISECOND);
        CHECK_EQ(atomic_load(&p.at), 1); /* still receiving */
        gr_chan_send(p.a, &(int){9});
        check_await(&p.at, 2);
        gr_chan_free(p.a);
    }
}

static void fill(void *arg) {
    Pair *p = arg;
    int n = p->n; /* p is not touched after the last `at` */
    for (int i = 0; i < n; i++) {
        gr_chan_send(p->a, &i);
        atomic_store(&p->at, i + 1);
    }
}

/* A buffer of n takes n elements without a receiver; the next waits, and order is kept when it goes in. */
static void full_buffer_blocks_and_keeps_order(void) {
    for (int cap = 1; cap <= 20; cap++) {
        Pair p = {gr_chan_make(sizeof(int), (size_t)cap), NULL, 0, 2 * cap + 1};
        gr_go(fill, &p);
        check_await(&p.at, cap);
        gr_sleep(200 * GR_MICROSECOND);
        CHECK_EQ(atomic_load(&p.at), cap);
        CHECK_EQ(gr_chan_len(p.a), cap);
        for (int i = 0; i < p.n; i++) {
            int v = -1;
            CHECK(gr_chan_recv(p.a, &v));
            CHECK_EQ(v, i);
        }
        check_await(&p.at, p.n);
        CHECK_EQ(gr_chan_len(p.a), 0);
        gr_chan_free(p.a);
    }
}

static void one_goroutine_fills_and_drains(void) {
    gr_chan *c = gr_chan_make(sizeof(int), 5);
    int next_in = 0, next_out = 0;
    for (int round = 1; round < 200; round++) { /* the ring wraps at every phase */
        int n = 1 + round % 5;
        for (int i = 0; i < n; i++, next_in++)
            gr_chan_send(c, &next_in);
        CHECK_EQ(gr_chan_len(c), n);
        for (int i = 0; i < n; i++, next_out++) {
            int v = -1;
            CHECK(gr_chan_recv(c, &v));
            CHECK_EQ(v, next_out);
        }
    }
    gr_chan_free(c);
}

static void len_and_cap(void) {
    gr_chan *unbuffered = gr_chan_make(4, 0), *ten = gr_chan_make(4, 10);
    CHECK_EQ(gr_chan_cap(unbuffered), 0);
    CHECK_EQ(gr_chan_len(unbuffered), 0);
    CHECK_EQ(gr_chan_cap(ten), 10);
    gr_chan_send(ten, &(int){1});
    gr_chan_send(ten, &(int){2});
    CHECK_EQ(gr_chan_len(ten), 2);
    gr_chan_close(ten);
    CHECK_EQ(gr_chan_len(ten), 2);
    CHECK_EQ(gr_chan_cap(ten), 10);
    CHECK_EQ(gr_chan_len(NULL), 0);
    CHECK_EQ(gr_chan_cap(NULL), 0);
    gr_chan_free(unbuffered);
    gr_chan_free(ten);
    gr_chan_free(NULL);
}

/* ---- elements ---- */

typedef struct Sized {
    gr_chan *c;
    size_t bytes;
    _Atomic int done;
} Sized;

static void send_patterns(void *arg) {
    Sized *s = arg;
    unsigned char v[5000];
    for (int i = 0; i < 20; i++) {
        for (size_t k = 0; k < s->bytes; k++)
            v[k] = (unsigned char)(i * 31 + (int)k);
        gr_chan_send(s->c, v);
        memset(v, 0xEE, s->bytes); /* the channel has its own copy */
    }
    gr_chan_close(s->c);
    atomic_store(&s->done, 1);
}

static void check_size(size_t bytes, size_t cap) {
    Sized s = {gr_chan_make(bytes, cap), bytes, 0};
    unsigned char v[5002];
    gr_go(send_patterns, &s);
    for (int i = 0; i < 20; i++) {
        bool same = true;
        memset(v, 0x55, sizeof v);
        CHECK(gr_chan_recv(s.c, v + 1));
        for (size_t k = 0; k < bytes; k++)
            same &= v[1 + k] == (unsigned char)(i * 31 + (int)k);
        CHECK(same);
        CHECK_EQ(v[0], 0x55); /* not a byte beside the element */
        CHECK_EQ(v[1 + bytes], 0x55);
    }
    memset(v, 0x55, sizeof v);
    CHECK(!gr_chan_recv(s.c, v + 1));
    for (size_t k = 0; k < bytes; k++)
        CHECK_EQ(v[1 + k], 0); /* closed: zeroed */
    CHECK_EQ(v[1 + bytes], 0x55);
    check_await(&s.done, 1);
    gr_chan_free(s.c);
}

static void elements_of_all_sizes(void) {
    static const size_t sizes[] = {1, 2, 3, 4, 7, 8, 12, 16, 17, 64, 1000, 5000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t cap = 0; cap < 4; cap += 3)
            check_size(sizes[i], cap);
}

static void tick_ten(void *arg) {
    Sized *s = arg;
    for (int i = 0; i < 10; i++)
        gr_chan_send(s->c, NULL);
    gr_chan_close(s->c);
    atomic_store(&s->done, 1);
}

static void zero_size_elements_count(void) {
    for (size_t cap = 0; cap <= 10; cap += 5) {
        Sized s = {gr_chan_make(0, cap), 0, 0};
        int n = 0;
        char guard = 0x55;
        gr_go(tick_ten, &s);
        while (gr_chan_recv(s.c, &guard))
            n++;
        CHECK_EQ(n, 10);
        CHECK_EQ(guard, 0x55); /* nothing was written, at close neither */
        check_await(&s.done, 1);
        gr_chan_free(s.c);
    }
}

static void recv_into_null_discards(void) {
    gr_chan *c = gr_chan_make(sizeof(int), 3);
    Pair p = {c, NULL, 0, 10};
    int v = -1;
    gr_go(fill, &p);
    for (int i = 0; i < 9; i++)
        CHECK(gr_chan_recv(c, NULL));
    CHECK(gr_chan_recv(c, &v));
    CHECK_EQ(v, 9);
    gr_chan_close(c);
    CHECK(!gr_chan_recv(c, NULL));
    check_await(&p.at, 10);
    gr_chan_free(c);
}

/* ---- close ---- */

static void closed_channel_drains_then_false(void) {
    gr_chan *c = gr_chan_make(sizeof(int), 4);
    int v;
    for (int i = 1; i <= 3; i++)
        gr_chan_send(c, &i);
    gr_chan_close(c);
    for (int i = 1; i <= 3; i++) {
        v = -1;
        CHECK(gr_chan_recv(c, &v));
        CHECK_EQ(v, i);
    }
    for (int i = 0; i < 3; i++) {
        v = -1;
        CHECK(!gr_chan_recv(c, &v));
        CHECK_EQ(v, 0);
    }
    gr_chan_free(c);
}

static void recv_until_closed(void *arg) {
    Pair *p = arg;
    int v = 77;
    CHECK(!gr_chan_recv(p->a, &v));
    CHECK_EQ(v, 0);
    atomic_fetch_add(&p->at, 1);
}

static void close_wakes_all_receivers(void) {
    for (size_t cap = 0; cap < 2; cap++) {
        Pair p = {gr_chan_make(sizeof(int), cap), NULL, 0, 0};
        for (int i = 0; i < 50; i++)
            gr_go(recv_until_closed, &p);
        gr_sleep(GR_MILLISECOND);
        CHECK_EQ(atomic_load(&p.at), 0);
        gr_chan_close(p.a);
        check_await(&p.at, 50);
        gr_chan_free(p.a);
    }
}

/* ---- order of waiters ---- */

typedef struct Line {
    gr_chan *c, *results;
    int id;
} Line;

static void take_and_report(void *arg) {
    Line *l = arg;
    int pair[2] = {l->id, -1};
    gr_chan_recv(l->c, &pair[1]);
    gr_chan_send(l->results, pair);
}

static bool receivers_queue_up(int64_t patience_ns) {
    enum { N = 8 };
    gr_chan *c = gr_chan_make(sizeof(int), 0), *results = gr_chan_make(2 * sizeof(int), N);
    Line line[N];
    bool in_order = true;
    for (int i = 0; i < N; i++) {
        line[i] = (Line){c, results, i};
        gr_go(take_and_report, &line[i]);
        gr_sleep(patience_ns);
    }
    for (int i = 0; i < N; i++)
        gr_chan_send(c, &i);
    for (int i = 0; i < N; i++) {
        int pair[2];
        gr_chan_recv(results, pair);
        in_order &= pair[0] == pair[1];
    }
    gr_chan_free(c);
    gr_chan_free(results);
    return in_order;
}

static void receivers_are_served_first_come_first(void) { CHECK_PATIENT(receivers_queue_up); }

static void give_id(void *arg) {
    Line *l = arg;
    gr_chan_send(l->c, &l->id);
    gr_chan_send(l->results, &l->id);
}

static bool senders_queue_up(int64_t patience_ns) {
    enum { N = 8 };
    bool in_order = true;
    for (size_t cap = 0; cap < 3; cap += 2) {
        gr_chan *c = gr_chan_make(sizeof(int), cap), *results = gr_chan_make(sizeof(int), N);
        Line line[N];
        for (int i = 0; i < N; i++) {
            line[i] = (Line){c, results, i};
            gr_go(give_id, &line[i]);
            gr_sleep(patience_ns);
        }
        for (int i = 0; i < N; i++) {
            int v = -1;
            gr_chan_recv(c, &v);
            in_order &= v == i;
        }
        for (int i = 0; i < N; i++)
            gr_chan_recv(results, NULL);
        gr_chan_free(c);
        gr_chan_free(results);
    }
    return in_order;
}

static void senders_are_served_first_come_first(void) { CHECK_PATIENT(senders_queue_up); }

/* One producer and one consumer: elements never overtake each other, whatever the buffer. */
static void one_to_one_is_fifo(void) {
    static const size_t caps[] = {0, 1, 2, 10, 100};
    for (size_t i = 0; i < sizeof caps / sizeof *caps; i++) {
        Pair p = {gr_chan_make(sizeof(int), caps[i]), NULL, 0, 1000};
        gr_go(fill, &p);
        for (int k = 0; k < p.n; k++) {
            int v = -1;
            gr_chan_recv(p.a, &v);
            CHECK_EQ(v, k);
        }
        check_await(&p.at, p.n);
        gr_chan_free(p.a);
    }
}

/* ---- many to many ---- */

enum { SENDERS = 4, RECEIVERS = 4, PER_SENDER = 500 };

typedef struct Crowd {
    gr_chan *c;
    _Atomic int seen[PER_SENDER];
    gr_waitgroup senders, receivers;
} Crowd;

static void crowd_send(void *arg) {
    Crowd *cr = arg;
    for (int i = 0; i < PER_SENDER; i++)
        gr_chan_send(cr->c, &i);
    gr_waitgroup_done(&cr->senders);
}

static void crowd_recv(void *arg) {
    Crowd *cr = arg;
    int v;
    while (gr_chan_recv(cr->c, &v))
        atomic_fetch_add(&cr->seen[v], 1);
    gr_waitgroup_done(&cr->receivers);
}

static void every_element_arrives_once(void) {
    for (size_t cap = 0; cap < 20; cap = cap * 4 + 1) {
        Crowd *cr = calloc(1, sizeof *cr);
        cr->c = gr_chan_make(sizeof(int), cap);
        gr_waitgroup_add(&cr->senders, SENDERS);
        gr_waitgroup_add(&cr->receivers, RECEIVERS);
        for (int i = 0; i < SENDERS; i++)
            gr_go(crowd_send, cr);
        for (int i = 0; i < RECEIVERS; i++)
            gr_go(crowd_recv, cr);
        gr_waitgroup_wait(&cr->senders);
        gr_chan_close(cr->c);
        gr_waitgroup_wait(&cr->receivers);
        for (int i = 0; i < PER_SENDER; i++)
            CHECK_EQ(atomic_load(&cr->seen[i]), SENDERS);
        gr_chan_free(cr->c);
        free(cr);
    }
}

TESTS(T(unbuffered_round_trips), T(send_blocks_until_received), T(recv_blocks_until_sent),
      T(full_buffer_blocks_and_keeps_order), T(one_goroutine_fills_and_drains), T(len_and_cap),
      T(elements_of_all_sizes), T(zero_size_elements_count), T(recv_into_null_discards),
      T(closed_channel_drains_then_false), T(close_wakes_all_receivers), T(receivers_are_served_first_come_first),
      T(senders_are_served_first_come_first), T(one_to_one_is_fifo), T(every_element_arrives_once))
