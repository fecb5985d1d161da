/* Channels, as Go's own tests want them: src/runtime/chan_test.go,
 * test/chan/{fifo,goroutines,nonblock,sendstmt,sieve1}.go, test/chancap.go. Which case follows which:
 * conformance.test.mjs. What panics is in tests/programs/failures.c.
 *
 * Copyright 2009 The Go Authors. All rights reserved. Use of the source this follows is governed by a BSD-style
 * license.
 */
#include "../unit/check.h"

static void send_int(gr_chan *c, int v) { gr_chan_send(c, &v); }

static int recv_int(gr_chan *c) {
    int v = -1;
    gr_chan_recv(c, &v);
    return v;
}

static bool send_now(gr_chan *c, int v) { return gr_select((gr_case[]){{GR_SEND, c, &v, false}}, 1, true) == 0; }
static bool recv_now(gr_chan *c, int *v) { return gr_select((gr_case[]){{GR_RECV, c, v, false}}, 1, true) == 0; }

/* ---- chan_test.go: TestChan ---------------------------------------------------------------------------------- */

#define CROWD 4
#define EACH 250

typedef struct Pipe {
    gr_chan *c, *done;
    _Atomic int reached;
    int n;
    int seen[EACH];
} Pipe;

static void recv_then_say(void *arg) {
    Pipe *p = arg;
    gr_chan_recv(p->c, NULL);
    atomic_fetch_add(&p->reached, 1);
}

static void send_then_say(void *arg) {
    Pipe *p = arg;
    send_int(p->c, 0);
    atomic_fetch_add(&p->reached, 1);
}

static void recv_from_empty_blocks(size_t cap) {
    Pipe p = {.c = gr_chan_make(sizeof(int), cap)};
    gr_go(recv_then_say, &p);
    gr_go(recv_then_say, &p);
    gr_sleep(GR_MILLISECOND);
    CHECK_EQ(p.reached, 0);
    send_int(p.c, 0);
    send_int(p.c, 0);
    check_await(&p.reached, 2);
    gr_chan_free(p.c);

    p.c = gr_chan_make(sizeof(int), cap);
    CHECK(!recv_now(p.c, NULL));
    gr_chan_free(p.c);
}

static void send_to_full_blocks(size_t cap) {
    Pipe p = {.c = gr_chan_make(sizeof(int), cap)};
    for (size_t i = 0; i < cap; i++)
        send_int(p.c, (int)i);
    CHECK_EQ(gr_chan_len(p.c), cap);
    CHECK_EQ(gr_chan_cap(p.c), cap);
    CHECK(!send_now(p.c, 0));
    gr_go(send_then_say, &p);
    gr_sleep(GR_MILLISECOND);
    CHECK_EQ(p.reached, 0);
    CHECK(!send_now(p.c, 0));
    for (size_t i = 0; i < cap; i++)
        CHECK_EQ(recv_int(p.c), i);
    CHECK_EQ(recv_int(p.c), 0);
    check_await(&p.reached, 1);
    CHECK_EQ(gr_chan_len(p.c), 0);
    gr_chan_free(p.c);
}

static void recv_closed(void *arg) {
    Pipe *p = arg;
    int v = 7;
    bool ok = gr_chan_recv(p->c, &v);
    send_int(p->done, !ok && v == 0);
}

static void closed_gives_the_rest_then_zeroes(size_t cap) {
    Pipe p = {.c = gr_chan_make(sizeof(int), cap), .done = gr_chan_make(sizeof(int), 0)};
    for (size_t i = 0; i < cap; i++)
        send_int(p.c, (int)i);
    gr_chan_close(p.c);
    for (size_t i = 0; i < cap; i++)
        CHECK_EQ(recv_int(p.c), i);
    CHECK_EQ(recv_int(p.c), 0);
    int v = 9;
    CHECK(!gr_chan_recv(p.c, &v));
    CHECK_EQ(v, 0);
    gr_chan_free(p.c);

    p.c = gr_chan_make(sizeof(int), cap);
    gr_go(recv_closed, &p);
    gr_sleep(100 * GR_MICROSECOND);
    gr_chan_close(p.c);
    CHECK_EQ(recv_int(p.done), 1);
    gr_chan_free(p.c);
    gr_chan_free(p.done);
}

static void send_up(void *arg) {
    Pipe *p = arg;
    for (int i = 0; i < p->n; i++)
        send_int(p->c, i);
    if (p->done)
        send_int(p->done, 1);
}

static void recv_and_count(void *arg) {
    Pipe *p = arg;
    for (int i = 0; i < EACH; i++)
        p->seen[recv_int(p->c)]++;
    send_int(p->done, 1);
}

static void many_to_many(size_t cap) {
    static Pipe p[2 * CROWD];
    gr_chan *c = gr_chan_make(sizeof(int), cap), *done = gr_chan_make(sizeof(int), 0);
    for (int i = 0; i < 2 * CROWD; i++) {
        p[i] = (Pipe){.c = c, .done = done, .n = EACH};
        if (i < CROWD)
            gr_go(send_up, &p[i]);
        else
            gr_go(recv_and_count, &p[i]);
    }
    for (int i = 0; i < 2 * CROWD; i++)
        recv_int(done);
    for (int v = 0; v < EACH; v++) {
        int n = 0;
        for (int i = CROWD; i < 2 * CROWD; i++)
            n += p[i].seen[v];
        CHECK_EQ(n, CROWD);
    }
    gr_chan_free(c);
    gr_chan_free(done);
}

static void fifo_between_two(size_t cap) {
    Pipe p = {.c = gr_chan_make(sizeof(int), cap), .done = gr_chan_make(sizeof(int), 1), .n = 100};
    gr_go(send_up, &p);
    for (int i = 0; i < p.n; i++) {
        int v = -1;
        CHECK(gr_chan_recv(p.c, &v));
        CHECK_EQ(v, i);
    }
    recv_int(p.done);
    gr_chan_free(p.c);
    gr_chan_free(p.done);
}

static void chan_of_every_capacity(void) {
    static const size_t caps[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 19};
    for (size_t i = 0; i < sizeof caps / sizeof *caps; i++) {
        recv_from_empty_blocks(caps[i]);
        send_to_full_blocks(caps[i]);
        closed_gives_the_rest_then_zeroes(caps[i]);
        fifo_between_two(caps[i]);
        many_to_many(caps[i]);
    }
}

/* ---- chan_test.go: races of calls that do not block ---------------------------------------------------------- */

static void recv_now_must(void *arg) {
    Pipe *p = arg;
    CHECK(recv_now(p->c, NULL)); /* the element, or that it is closed */
    atomic_fetch_add(&p->reached, 1);
}

static void closed_or_full_is_always_ready(void) {
    for (int i = 0; i < 200; i++) {
        Pipe p = {.c = gr_chan_make(sizeof(int), 1)};
        send_int(p.c, 1);
        gr_go(recv_now_must, &p);
        gr_chan_close(p.c);
        gr_chan_recv(p.c, NULL);
        check_await(&p.reached, 1);
        gr_chan_free(p.c);
    }
}

/* ---- chan_test.go: TestMultiConsumer ------------------------------------------------------------------------- */

#define WORKERS 23
#define ITEMS 5000
static const int primes[] = {2, 3, 7, 11, 13, 17, 19, 23, 27, 31};
enum { NPRIMES = sizeof primes / sizeof *primes };

typedef struct Consumers {
    gr_chan *q, *r;
    gr_waitgroup group;
    long expect;
    _Atomic int next;
} Consumers;

static void consumer(void *arg) {
    Consumers *k = arg;
    int w = atomic_fetch_add(&k->next, 1), v;
    while (gr_chan_recv(k->q, &v)) {
        if (primes[w % NPRIMES] == v) /* mess with the order */
            gr_yield();
        send_int(k->r, v);
    }
    gr_waitgroup_done(&k->group);
}

static void feeder(void *arg) {
    Consumers *k = arg;
    for (int i = 0; i < ITEMS; i++) {
        int v = primes[i % NPRIMES];
        k->expect += v;
        send_int(k->q, v);
    }
    gr_chan_close(k->q);
    gr_waitgroup_wait(&k->group);
    gr_chan_close(k->r);
}

static void many_consumers(void) {
    Consumers k = {.q = gr_chan_make(sizeof(int), WORKERS * 3), .r = gr_chan_make(sizeof(int), WORKERS * 3)};
    gr_waitgroup_add(&k.group, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        gr_go(consumer, &k);
    gr_go(feeder, &k);
    int n = 0, v;
    long sum = 0;
    while (gr_chan_recv(k.r, &v)) {
        n++;
        sum += v;
    }
    CHECK_EQ(n, ITEMS);
    CHECK_EQ(sum, k.expect);
    gr_chan_free(k.q);
    gr_chan_free(k.r);
}

/* ---- test/chan/fifo.go, goroutines.go, nonblock.go ----------------------------------------------------------- */

#define LINKS 10

typedef struct Link {
    gr_chan *ch, *in, *out;
    int val;
} Link;

static void take_turn(void *arg) {
    Link *l = arg;
    recv_int(l->in);
    CHECK_EQ(recv_int(l->ch), l->val);
    send_int(l->out, 1);
}

static void unbuffered_is_fifo(void) {
    Link link[LINKS];
    gr_chan *ch = gr_chan_make(sizeof(int), 0), *start = gr_chan_make(sizeof(int), 0), *in = start;
    for (int i = 0; i < LINKS; i++) {
        link[i] = (Link){ch, in, gr_chan_make(sizeof(int), 0), i};
        gr_go(take_turn, &link[i]);
        in = link[i].out;
    }
    send_int(start, 0);
    for (int i = 0; i < LINKS; i++)
        send_int(ch, i);
    recv_int(in);
    for (int i = 0; i < LINKS; i++)
        gr_chan_free(link[i].in);
    gr_chan_free(in);
    gr_chan_free(ch);
}

/* TSan knows at most some thousand fibers. */
#if defined __SANITIZE_THREAD__
#define CHAIN 500
#elif defined __has_feature
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define CHAIN 500
#endif
#endif
#ifndef CHAIN
#define CHAIN 10000
#endif

typedef struct Pair {
    gr_chan *left, *right;
} Pair;

static void hand_left(void *arg) {
    Pair *p = arg;
    send_int(p->left, recv_int(p->right));
}

static void chain_of_goroutines(void) {
    Pair *p = malloc(CHAIN * sizeof *p);
    gr_chan *leftmost = gr_chan_make(sizeof(int), 0), *left = leftmost;
    for (int i = 0; i < CHAIN; i++) {
        p[i] = (Pair){left, gr_chan_make(sizeof(int), 0)};
        gr_go_stack(hand_left, &p[i], 4096);
        left = p[i].right;
    }
    send_int(left, 1);
    CHECK_EQ(recv_int(leftmost), 1);
    for (int i = 0; i < CHAIN; i++)
        gr_chan_free(p[i].left);
    gr_chan_free(left);
    free(p);
}

typedef struct Sized {
    gr_chan *c, *strobe;
    size_t bytes;
} Sized;

static void fill_pattern(unsigned char *at, size_t n, int from) {
    for (size_t i = 0; i < n; i++)
        at[i] = (unsigned char)(from + (int)i);
}

static bool has_pattern(const unsigned char *at, size_t n, int from) {
    for (size_t i = 0; i < n; i++)
        if (at[i] != (unsigned char)(from + (int)i))
            return false;
    return true;
}

static void sized_receiver(void *arg) {
    Sized *s = arg;
    unsigned char v[24];
    gr_chan_recv(s->c, v);
    CHECK(has_pattern(v, s->bytes, 123));
    send_int(s->strobe, 1);
}

static void sized_sender(void *arg) {
    Sized *s = arg;
    unsigned char v[24];
    fill_pattern(v, s->bytes, 234);
    gr_chan_send(s->c, v);
    send_int(s->strobe, 1);
}

static void nonblocking_sized(size_t bytes, size_t cap) {
    Sized s = {gr_chan_make(bytes, cap), gr_chan_make(sizeof(int), 0), bytes};
    unsigned char v[25];
    fill_pattern(v, bytes, 123);
    CHECK_EQ(gr_select((gr_case[]){{GR_RECV, s.c, v, false}}, 1, true), -1);
    CHECK(has_pattern(v, bytes, 123)); /* a receive that would block writes nothing */
    gr_go(sized_receiver, &s);
    while (gr_select((gr_case[]){{GR_SEND, s.c, v, false}}, 1, true) < 0)
        gr_yield();
    recv_int(s.strobe);

    gr_go(sized_sender, &s);
    if (cap > 0)
        recv_int(s.strobe);
    v[bytes] = 0x5a;
    while (gr_select((gr_case[]){{GR_RECV, s.c, v, false}}, 1, true) < 0)
        gr_yield();
    CHECK(has_pattern(v, bytes, 234));
    CHECK_EQ(v[bytes], 0x5a); /* nor does one write more than an element */
    if (cap == 0)
        recv_int(s.strobe);
    gr_chan_free(s.c);
    gr_chan_free(s.strobe);
}

static void nonblocking_of_all_sizes(void) {
    for (size_t cap = 0; cap < 2; cap++)
        for (size_t bytes = 0; bytes <= 24; bytes++)
            nonblocking_sized(bytes, cap);
}

/* ---- test/chan/sendstmt.go: a channel of channels; test/chan/sieve1.go --------------------------------------- */

static void channels_through_channels(void) {
    gr_chan *cc = gr_chan_make(sizeof(gr_chan *), 1), *c = gr_chan_make(sizeof(int), 1), *got = NULL;
    gr_chan_send(cc, &c);
    gr_chan_recv(cc, &got);
    CHECK(got == c);
    CHECK(send_now(got, 2));
    CHECK_EQ(recv_int(c), 2);
    gr_chan_free(cc);
    gr_chan_free(c);
}

static void count_up(void *arg) {
    for (int i = 2;; i++)
        send_int(arg, i);
}

typedef struct Filter {
    gr_chan *in, *out;
    int prime;
} Filter;

static void filter(void *arg) {
    Filter f = *(Filter *)arg;
    for (;;) {
        int i = recv_int(f.in);
        if (i % f.prime != 0)
            send_int(f.out, i);
    }
}

/* Its goroutines stay blocked to the end of the program, as in Go's. */
static void sieve(void) {
    static const int want[] = {2,  3,  5,  7,  11, 13, 17, 19, 23, 29, 31, 37, 41,
                               43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97};
    enum { N = sizeof want / sizeof *want };
    static Filter f[N];
    gr_chan *c = gr_chan_make(sizeof(int), 0);
    gr_go(count_up, c);
    for (int i = 0; i < N; i++) {
        CHECK_EQ(f[i].prime = recv_int(c), want[i]);
        f[i].in = c;
        f[i].out = c = gr_chan_make(sizeof(int), 0);
        gr_go(filter, &f[i]);
    }
}

TESTS(T(chan_of_every_capacity), T(closed_or_full_is_always_ready), T(many_consumers), T(unbuffered_is_fifo),
      T(chain_of_goroutines), T(nonblocking_of_all_sizes), T(channels_through_channels), T(sieve))
