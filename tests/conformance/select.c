/* Select, as Go's own tests want it: src/runtime/chan_test.go,
 * test/chan/{select3,select5,select6,select7,doubleselect}.go, test/closedchan.go, test/chanlinear.go. Which case
 * follows which: conformance.test.mjs.
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

/* ---- chan_test.go: TestNonblockSelectRace -------------------------------------------------------------------- */

typedef struct Two {
    gr_chan *c[2], *done;
} Two;

static void look_at_two(void *arg) {
    Two *t = arg;
    gr_case cases[] = {{GR_RECV, t->c[0], NULL, false}, {GR_RECV, t->c[1], NULL, false}};
    send_int(t->done, gr_select(cases, 2, true) >= 0);
}

/* At every moment one of the two is ready: the second becomes so before the first ends being so. */
static void one_of_two_is_always_ready(void) {
    Two t = {.done = gr_chan_make(sizeof(int), 1)};
    for (int i = 0; i < 600; i++) {
        bool by_close = i & 1;
        t.c[0] = gr_chan_make(sizeof(int), 1);
        t.c[1] = gr_chan_make(sizeof(int), !by_close);
        send_int(t.c[0], 1);
        gr_go(look_at_two, &t);
        if (by_close)
            gr_chan_close(t.c[1]);
        else
            send_int(t.c[1], 1);
        recv_now(t.c[0], NULL);
        CHECK_EQ(recv_int(t.done), 1);
        gr_chan_free(t.c[0]);
        gr_chan_free(t.c[1]);
    }
    gr_chan_free(t.done);
}

/* ---- chan_test.go: TestSelfSelect, TestSelectStress, TestSelectFairness, TestPseudoRandomSend ---------------- */

typedef struct Self {
    gr_chan *c;
    gr_waitgroup *group;
    int who;
} Self;

static void send_or_recv(void *arg) {
    Self *s = arg;
    for (int i = 0; i < 500; i++) {
        int in = -1, out = s->who;
        gr_case send = {GR_SEND, s->c, &out, false}, recv = {GR_RECV, s->c, &in, false};
        bool send_first = s->who == 0 || i % 2 == 0;
        gr_case cases[] = {send_first ? send : recv, send_first ? recv : send};
        gr_select(cases, 2, false);
        CHECK(gr_chan_cap(s->c) > 0 || in != s->who);
    }
    gr_waitgroup_done(s->group);
}

static void select_does_not_serve_itself(void) {
    for (size_t cap = 0; cap <= 10; cap += 10) {
        gr_waitgroup group = {0};
        Self s[2] = {{gr_chan_make(sizeof(int), cap), &group, 0}, {NULL, &group, 1}};
        s[1].c = s[0].c;
        gr_waitgroup_add(&group, 2);
        gr_go(send_or_recv, &s[0]);
        gr_go(send_or_recv, &s[1]);
        gr_waitgroup_wait(&group);
        gr_chan_free(s[0].c);
    }
}

#define STORM 500

typedef struct Storm {
    gr_chan *c[4];
    gr_op op;
    gr_waitgroup *group;
} Storm;

static void storm_plain(void *arg) {
    Storm *s = arg;
    for (int i = 0; i < STORM; i++) {
        int v = 0;
        if (s->op == GR_SEND)
            gr_chan_send(s->c[0], &v);
        else
            gr_chan_recv(s->c[0], &v);
    }
    gr_waitgroup_done(s->group);
}

static void storm_select(void *arg) {
    Storm *s = arg;
    int n[4] = {0}, v = 0;
    gr_case cases[4];
    for (int k = 0; k < 4; k++)
        cases[k] = (gr_case){s->op, s->c[(k * 3) % 4], &v, false}; /* in another order than their addresses */
    for (int i = 0; i < 4 * STORM; i++) {
        int k = gr_select(cases, 4, false);
        if (++n[k] == STORM)
            cases[k].chan = NULL;
    }
    gr_waitgroup_done(s->group);
}

static void select_stress(void) {
    gr_chan *c[4];
    gr_waitgroup group = {0};
    Storm s[10];
    for (int i = 0; i < 4; i++)
        c[i] = gr_chan_make(sizeof(int), i < 2 ? 0 : (size_t)i);
    gr_waitgroup_add(&group, 10);
    for (int i = 0; i < 10; i++) {
        s[i] = (Storm){.op = i & 1 ? GR_RECV : GR_SEND, .group = &group};
        if (i < 8)
            s[i].c[0] = c[i / 2];
        else
            memcpy(s[i].c, c, sizeof c);
        if (i < 8)
            gr_go(storm_plain, &s[i]);
        else
            gr_go(storm_select, &s[i]);
    }
    gr_waitgroup_wait(&group);
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(gr_chan_len(c[i]), 0);
        gr_chan_free(c[i]);
    }
}

#define TRIALS 10000

typedef struct Fair {
    gr_chan *c[4], *out, *done;
    gr_waitgroup group;
} Fair;

static void pass_on(void *arg) {
    Fair *f = arg;
    char b = 0;
    for (;;) {
        gr_case in[4];
        for (int i = 0; i < 4; i++)
            in[i] = (gr_case){GR_RECV, f->c[i], &b, false};
        gr_select(in, 4, false);
        gr_case out[] = {{GR_SEND, f->out, &b, false}, {GR_RECV, f->done, NULL, false}};
        if (gr_select(out, 2, false) == 1)
            break;
    }
    gr_waitgroup_done(&f->group);
}

static void select_is_fair(void) {
    Fair f = {.out = gr_chan_make(1, 0), .done = gr_chan_make(1, 0)};
    for (int i = 0; i < 4; i++)
        f.c[i] = gr_chan_make(1, i < 2 ? 0 : TRIALS + 1);
    for (int i = 0; i < TRIALS + 1; i++) {
        gr_chan_send(f.c[2], &(char){1});
        gr_chan_send(f.c[3], &(char){2});
    }
    gr_waitgroup_add(&f.group, 1);
    gr_go(pass_on, &f);
    int n[3] = {0};
    for (int i = 0; i < TRIALS; i++) {
        char b = 0;
        gr_chan_recv(f.out, &b);
        CHECK(b == 1 || b == 2);
        n[b % 3]++;
    }
    /* ten standard deviations of a fair coin: sqrt(TRIALS / 4) = 50 */
    CHECK(abs(n[1] - TRIALS / 2) <= 10 * 50);
    gr_chan_close(f.done);
    gr_waitgroup_wait(&f.group);
    for (int i = 0; i < 4; i++)
        gr_chan_free(f.c[i]);
    gr_chan_free(f.out);
    gr_chan_free(f.done);
}

typedef struct Bits {
    gr_chan *c;
    gr_mutex m;
    int bit[100];
} Bits;

static void take_bits(void *arg) {
    Bits *b = arg;
    for (int i = 0; i < 100; i++) {
        gr_yield();
        b->bit[i] = recv_int(b->c);
    }
    gr_mutex_unlock(&b->m);
}

static void sends_on_one_channel_are_random(void) {
    for (size_t cap = 0; cap <= 100; cap += 100) {
        Bits b = {.c = gr_chan_make(sizeof(int), cap)};
        gr_mutex_lock(&b.m);
        gr_go(take_bits, &b);
        for (int i = 0; i < 100; i++)
            gr_select((gr_case[]){{GR_SEND, b.c, &(int){1}, false}, {GR_SEND, b.c, &(int){0}, false}}, 2, false);
        gr_mutex_lock(&b.m); /* wait */
        int ones = 0;
        for (int i = 0; i < 100; i++)
            ones += b.bit[i];
        CHECK(ones > 10 && ones < 90);
        gr_chan_free(b.c);
    }
}

/* ---- chan_test.go: TestSelectDuplicateChannel; test/chan/select6.go ------------------------------------------ */

typedef struct Dup {
    gr_chan *c, *d, *e;
    _Atomic int at;
} Dup;

static void duplicate_waiter(void *arg) {
    Dup *d = arg;
    gr_case cases[] = {{GR_RECV, d->c, NULL, false}, {GR_RECV, d->c, NULL, false}, {GR_RECV, d->d, NULL, false}};
    gr_select(cases, 3, false);
    send_int(d->e, 9);
}

static void duplicate_second(void *arg) {
    Dup *d = arg;
    gr_chan_recv(d->c, NULL);
    atomic_store(&d->at, 1);
}

static void a_channel_twice_in_one_select(void) {
    Dup d = {gr_chan_make(sizeof(int), 0), gr_chan_make(sizeof(int), 0), gr_chan_make(sizeof(int), 0), 0};
    gr_go(duplicate_waiter, &d);
    gr_sleep(GR_MILLISECOND);
    gr_go(duplicate_second, &d);
    gr_sleep(GR_MILLISECOND);
    send_int(d.d, 7); /* wakes the select; it must leave c with the second waiter alone */
    CHECK_EQ(recv_int(d.e), 9);
    send_int(d.c, 8);
    check_await(&d.at, 1);
    gr_chan_free(d.c);
    gr_chan_free(d.d);
    gr_chan_free(d.e);
}

typedef struct Three {
    gr_chan *c[3];
    _Atomic int over;
} Three;

static void three_recv(void *arg) {
    Three *t = arg;
    gr_chan_recv(t->c[0], NULL);
    atomic_fetch_add(&t->over, 1);
}

static void three_select(void *arg) {
    Three *t = arg;
    gr_case cases[] = {{GR_RECV, t->c[0], NULL, false}, {GR_RECV, t->c[1], NULL, false}};
    if (gr_select(cases, 2, false) == 1)
        send_int(t->c[2], 1);
    else
        CHECK(!"nobody has sent there yet");
    gr_chan_recv(t->c[0], NULL);
    atomic_fetch_add(&t->over, 1);
}

static void three_send(void *arg) { send_int(((Three *)arg)->c[1], 1); }

/* Go's issue 2075: a select that leaves the end of a queue must leave the queue whole. */
static void leaving_a_queue_leaves_it_whole(void) {
    Three t = {{gr_chan_make(sizeof(int), 0), gr_chan_make(sizeof(int), 0), gr_chan_make(sizeof(int), 0)}, 0};
    gr_go(three_recv, &t);
    gr_go(three_select, &t);
    gr_go(three_send, &t);
    recv_int(t.c[2]);
    send_int(t.c[0], 1);
    send_int(t.c[0], 1);
    check_await(&t.over, 2);
    for (int i = 0; i < 3; i++)
        gr_chan_free(t.c[i]);
}

/* ---- test/chan/select3.go: what blocks and what does not ----------------------------------------------------- */

typedef enum Blocks {
    NIL_SEND,
    NIL_RECV,
    EMPTY_RECV,
    SELECT_NOTHING,
    SELECT_NIL_RECV,
    SELECT_NIL_SEND,
    SELECT_NIL_BOTH,
    SELECT_EMPTY,
    SELECT_ITSELF,
    NBLOCKS
} Blocks;

typedef struct Block {
    Blocks what;
    _Atomic int *begun, *ended;
} Block;

static void do_block(void *arg) {
    Block *b = arg;
    gr_chan *c = gr_chan_make(sizeof(int), 0);
    int v = 7;
    atomic_fetch_add(b->begun, 1);
    switch (b->what) {
    case NIL_SEND:
        gr_chan_send(NULL, &v);
        break;
    case NIL_RECV:
        gr_chan_recv(NULL, &v);
        break;
    case EMPTY_RECV:
        gr_chan_recv(c, &v);
        break;
    case SELECT_NOTHING:
        gr_select(NULL, 0, false);
        break;
    case SELECT_NIL_RECV:
        gr_select((gr_case[]){{GR_RECV, NULL, &v, false}}, 1, false);
        break;
    case SELECT_NIL_SEND:
        gr_select((gr_case[]){{GR_SEND, NULL, &v, false}}, 1, false);
        break;
    case SELECT_NIL_BOTH:
        gr_select((gr_case[]){{GR_SEND, NULL, &v, false}, {GR_RECV, NULL, &v, false}}, 2, false);
        break;
    case SELECT_EMPTY:
        gr_select((gr_case[]){{GR_RECV, c, &v, false}}, 1, false);
        break;
    case SELECT_ITSELF: /* it does not get confused by seeing itself */
        gr_select((gr_case[]){{GR_SEND, c, &v, false}, {GR_RECV, c, &v, false}}, 2, false);
        break;
    case NBLOCKS:
        break;
    }
    atomic_fetch_add(b->ended, 1);
}

/* They stay blocked to the end of the program. */
static void what_blocks_blocks(void) {
    static Block b[NBLOCKS];
    static _Atomic int begun, ended;
    for (int i = 0; i < NBLOCKS; i++) {
        b[i] = (Block){(Blocks)i, &begun, &ended};
        gr_go(do_block, &b[i]);
    }
    check_await(&begun, NBLOCKS);
    gr_sleep(5 * GR_MILLISECOND);
    CHECK_EQ(ended, 0);
}

static void what_does_not_block_does_not(void) {
    gr_chan *closed = gr_chan_make(sizeof(int), 0), *c = gr_chan_make(sizeof(int), 1);
    int v = 7;
    gr_chan_close(closed);
    CHECK_EQ(gr_select(NULL, 0, true), -1);
    CHECK_EQ(gr_select((gr_case[]){{GR_SEND, NULL, &v, false}}, 1, true), -1);
    CHECK_EQ(gr_select((gr_case[]){{GR_RECV, NULL, &v, false}}, 1, true), -1);
    CHECK_EQ(gr_select((gr_case[]){{GR_SEND, NULL, &v, false}, {GR_RECV, NULL, &v, false}}, 2, true), -1);
    gr_chan_send(c, &v);
    CHECK_EQ(recv_int(c), 7);
    CHECK(send_now(c, 8));
    CHECK(!send_now(c, 9));
    CHECK(recv_now(c, &v));
    CHECK_EQ(v, 8);
    for (int i = 0; i < 10; i++) {
        v = 7;
        CHECK(!gr_chan_recv(closed, &v));
        CHECK_EQ(v, 0);
        gr_case k[] = {{GR_RECV, closed, &v, true}, {GR_RECV, NULL, NULL, true}};
        v = 7;
        CHECK_EQ(gr_select(k, 1 + i % 2, i % 3 == 0), 0);
        CHECK_EQ(v, 0);
        CHECK(!k[0].ok);
    }
    gr_chan_free(closed);
    gr_chan_free(c);
}

/* ---- test/chan/select5.go: every form of a select that has one ready case ------------------------------------ */

enum {
    WITH_DEFAULT = 1,
    DUMMY_SEND = 2,
    DUMMY_RECV = 4,
    NIL_SENDS = 8,
    NIL_RECVS = 16,
    LAST = 32,
    DISCARD = 64,
    FORMS = 128
};

/* The case itself is added first or last; -1: not at all, then only a default can run. */
static int run_form(int form, gr_case *own, gr_chan *dummy) {
    gr_case k[5];
    int n = 0, at = -1, v = 1;
    if (own && !(form & LAST))
        k[at = n++] = *own;
    if (form & DUMMY_SEND)
        k[n++] = (gr_case){GR_SEND, dummy, &v, false};
    if (form & DUMMY_RECV)
        k[n++] = (gr_case){GR_RECV, dummy, &v, false};
    if (form & NIL_SENDS)
        k[n++] = (gr_case){GR_SEND, NULL, &v, false};
    if (form & NIL_RECVS)
        k[n++] = (gr_case){GR_RECV, NULL, &v, false};
    if (own && form & LAST)
        k[at = n++] = *own;
    int chosen = gr_select(k, n, form & WITH_DEFAULT || !own);
    CHECK_EQ(chosen, at);
    CHECK_EQ(v, 1);
    return chosen < 0 ? -1 : k[chosen].ok;
}

static void every_form_of_select(void) {
    gr_chan *dummy = gr_chan_make(sizeof(int), 0);
    int n = 1;
    for (size_t cap = 1; cap <= 2; cap++) {
        gr_chan *c = gr_chan_make(sizeof(int), cap);
        for (int form = 0; form < FORMS; form++, n++) {
            int x = -5;
            send_int(c, n);
            CHECK_EQ(run_form(form, &(gr_case){GR_RECV, c, form & DISCARD ? NULL : &x, false}, dummy), 1);
            CHECK_EQ(x, form & DISCARD ? -5 : n);
            CHECK_EQ(run_form(form, &(gr_case){GR_SEND, c, &n, true}, dummy), 0);
            CHECK_EQ(recv_int(c), n);
            CHECK_EQ(run_form(form, NULL, dummy), -1);
            CHECK_EQ(gr_chan_len(c), 0);
        }
        gr_chan_free(c);
    }
    gr_chan_free(dummy);
}

/* ---- test/chan/select7.go: every way to receive with every way to send --------------------------------------- */

typedef struct Way {
    gr_chan *c, *other;
    int how;
    _Atomic int over;
} Way;

static void way_recv(void *arg) {
    Way *w = arg;
    gr_case k[] = {{GR_RECV, w->c, NULL, false}, {GR_RECV, w->other, NULL, false}};
    if (w->how == 0)
        gr_chan_recv(w->c, NULL);
    else
        CHECK_EQ(gr_select(k, w->how, false), 0);
    atomic_store(&w->over, 1);
}

static void ways_meet(void) {
    for (int send = 0; send < 3; send++) {
        for (int recv = 0; recv < 3; recv++) {
            Way w = {gr_chan_make(sizeof(int), 0), gr_chan_make(sizeof(int), 0), recv, 0};
            int v = 1;
            gr_case k[] = {{GR_SEND, w.c, &v, false}, {GR_SEND, w.other, &v, false}};
            gr_go(way_recv, &w);
            gr_yield();
            if (send == 0)
                gr_chan_send(w.c, &v);
            else if (send == 1)
                CHECK_EQ(gr_select(k, 1, false), 0);
            else if (recv < 2)
                CHECK_EQ(gr_select(k, 2, false), 0);
            else
                gr_chan_send(w.c, &v); /* both on both: either channel may serve */
            check_await(&w.over, 1);
            gr_chan_free(w.c);
            gr_chan_free(w.other);
        }
    }
}

/* ---- test/chan/doubleselect.go: no element goes through two cases -------------------------------------------- */

#define DOUBLE 4000

typedef struct Double {
    gr_chan *c[4], *mux, *done;
    int which;
    _Atomic int *next;
} Double;

static void double_sender(void *arg) {
    Double *d = arg;
    for (int i = 0; i < DOUBLE; i++) {
        gr_case k[4];
        for (int j = 0; j < 4; j++)
            k[j] = (gr_case){GR_SEND, d->c[j], &i, false};
        gr_select(k, 4, false);
    }
    for (int j = 0; j < 4; j++)
        gr_chan_close(d->c[j]);
}

static void double_mux(void *arg) {
    Double *d = arg;
    int in = atomic_fetch_add(d->next, 1), v;
    while (gr_chan_recv(d->c[in], &v))
        send_int(d->mux, v);
    send_int(d->done, 1);
}

static void double_closer(void *arg) {
    Double *d = arg;
    for (int j = 0; j < 4; j++)
        recv_int(d->done);
    gr_chan_close(d->mux);
}

static void no_element_twice(void) {
    static char seen[DOUBLE];
    _Atomic int next = 0;
    Double d = {.mux = gr_chan_make(sizeof(int), 0), .done = gr_chan_make(sizeof(int), 0), .next = &next};
    memset(seen, 0, sizeof seen);
    for (int j = 0; j < 4; j++)
        d.c[j] = gr_chan_make(sizeof(int), 0);
    gr_go(double_sender, &d);
    for (int j = 0; j < 4; j++)
        gr_go(double_mux, &d);
    gr_go(double_closer, &d);
    int v, n = 0;
    while (gr_chan_recv(d.mux, &v)) {
        CHECK_EQ(seen[v], 0);
        seen[v] = 1;
        n++;
    }
    CHECK_EQ(n, DOUBLE);
}

/* ---- test/chanlinear.go: leaving a long queue takes no longer than leaving a short one ----------------------- */

typedef struct Crowd {
    gr_chan *slow, *fast;
    gr_waitgroup group;
} Crowd;

static void stand_in_both(void *arg) {
    Crowd *k = arg;
    gr_case cases[] = {{GR_RECV, k->slow, NULL, false}, {GR_RECV, k->fast, NULL, false}};
    CHECK_EQ(gr_select(cases, 2, false), 1);
    gr_waitgroup_done(&k->group);
}

/* n selects wait on one channel; the one that came last leaves first, since everybody's other channel is closed. */
static double time_crowd(int n) {
    Crowd k = {.slow = gr_chan_make(0, 0), .fast = gr_chan_make(0, 0)};
    gr_waitgroup_add(&k.group, n);
    for (int i = 0; i < n; i++)
        gr_go(stand_in_both, &k);
    gr_sleep(GR_MILLISECOND);
    int64_t began = gr_now();
    gr_chan_close(k.fast);
    gr_waitgroup_wait(&k.group);
    double took = (double)(gr_now() - began);
    gr_chan_free(k.slow);
    gr_chan_free(k.fast);
    return took;
}

/* A quadratic queue makes it 16 times as long for four times as many, a linear one four times. */
static void leaving_a_queue_is_constant(void) {
    int n = 200;
    time_crowd(4 * n);
    for (int i = 0; i < 8; i++)
        if (time_crowd(4 * n) < 9 * time_crowd(n))
            return;
    CHECK(!"linear");
}

TESTS(T(one_of_two_is_always_ready), T(select_does_not_serve_itself), T(select_stress), T(select_is_fair),
      T(sends_on_one_channel_are_random), T(a_channel_twice_in_one_select), T(leaving_a_queue_leaves_it_whole),
      T(what_blocks_blocks), T(what_does_not_block_does_not), T(every_form_of_select), T(ways_meet),
      T(no_element_twice), T(leaving_a_queue_is_constant))
