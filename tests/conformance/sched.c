/* The scheduler, as Go's src/runtime/proc_test.go wants it: progress, parallelism, fairness. Which case follows
 * which test: conformance.test.mjs.
 *
 * Copyright 2011 The Go Authors. All rights reserved. Use of the source this follows is governed by a BSD-style
 * license.
 */
#include "../unit/check.h"

static void say(gr_chan *c) { gr_chan_send(c, NULL); }
static void hear(gr_chan *c) { gr_chan_recv(c, NULL); }

/* Waits for others that may run at the same time: a pure loop where they have threads of their own. */
static void spin(void) {
    if (!check_parallel)
        gr_yield();
}

/* ---- TestStopTheWorldDeadlock -------------------------------------------------------------------------------- */

static gr_chan *stop;
static _Atomic int perpetuum_over;

static void perpetuum_mobile(void *arg) {
    (void)arg;
    if (gr_select((gr_case[]){{GR_RECV, stop, NULL, false}}, 1, true) < 0)
        gr_go(perpetuum_mobile, NULL);
    else
        atomic_store(&perpetuum_over, 1);
}

static void free_stacks(void *arg) {
    for (int i = 0; i < 100; i++)
        gr_free_stacks(); /* a call for every P */
    say(arg);
}

static void change_procs(void *arg) {
    for (int i = 0; i < 100; i++)
        gr_gomaxprocs(3 + (i & 1)); /* the world stops */
    say(arg);
}

static void the_world_can_always_be_stopped(void) {
    int before = gr_gomaxprocs(3);
    gr_chan *over = gr_chan_make(0, 2);
    stop = gr_chan_make(0, 0);
    gr_go(free_stacks, over);
    gr_go(change_procs, over);
    gr_go(perpetuum_mobile, NULL);
    hear(over);
    hear(over);
    say(stop);
    check_await(&perpetuum_over, 1);
    gr_gomaxprocs(before);
    gr_chan_free(over);
    gr_chan_free(stop);
}

/* ---- TestYieldProgress, TestYieldLockedProgress, TestYieldLocked, TestBlockLocked ---------------------------- */

typedef struct Yielder {
    gr_chan *c, *ack;
    bool locked;
} Yielder;

static void yield_until_told(void *arg) {
    Yielder *y = arg;
    if (y->locked)
        gr_lockosthread();
    while (gr_select((gr_case[]){{GR_RECV, y->c, NULL, false}}, 1, true) < 0)
        gr_yield();
    say(y->ack);
}

static void who_yields_lets_others_on(void) {
    for (int locked = 0; locked < 2; locked++) {
        Yielder y = {gr_chan_make(0, 0), gr_chan_make(0, 0), locked};
        gr_go(yield_until_told, &y);
        gr_sleep(2 * GR_MILLISECOND);
        say(y.c);
        hear(y.ack);
        gr_chan_free(y.c);
        gr_chan_free(y.ack);
    }
}

static void yield_locked(void *arg) {
    gr_lockosthread();
    for (int i = 0; i < 10; i++) {
        gr_yield();
        gr_sleep(100 * GR_MICROSECOND);
    }
    say(arg); /* and ends locked */
}

static void send_locked(void *arg) {
    gr_lockosthread();
    for (int i = 0; i < 10; i++)
        say(arg);
    gr_unlockosthread();
}

static void a_locked_goroutine_yields_and_blocks(void) {
    gr_chan *c = gr_chan_make(0, 0);
    gr_go(yield_locked, c);
    hear(c);
    gr_go(send_locked, c);
    for (int i = 0; i < 10; i++)
        hear(c);
    gr_chan_free(c);
}

/* ---- TestGoroutineParallelism, TestGoroutineParallelism2 ----------------------------------------------------- */

#define PAR 3

typedef struct Turns {
    gr_chan *done;
    _Atomic uint32_t x;
    _Atomic int next;
} Turns;

static void turns(void *arg) {
    Turns *t = arg;
    uint32_t me = (uint32_t)atomic_fetch_add(&t->next, 1);
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t mine = PAR * i + me;
        while (atomic_load(&t->x) != mine)
            spin();
        atomic_store(&t->x, mine + 1);
    }
    say(t->done);
}

static void turns_nested(void *arg) { gr_go(turns, arg); }

static void meet_all(void *arg) {
    Turns *t = arg;
    if (atomic_fetch_add(&t->x, 1) + 1 == PAR) {
        say(t->done);
        return;
    }
    while (atomic_load(&t->x) != PAR)
        spin();
}

static void as_many_as_there_are_ps_run_at_once(void) {
    int before = gr_gomaxprocs(PAR);
    for (int try = 0; try < 4; try++) {
        static Turns load;
        if (try & 1) { /* the others are just going idle when the test proper begins */
            load = (Turns){.done = gr_chan_make(0, 0)};
            for (int p = 0; p < PAR; p++)
                gr_go(meet_all, &load);
            hear(load.done);
        }
        Turns t = {.done = gr_chan_make(0, 0)};
        for (int p = 0; p < PAR; p++) {
            if (try & 2)
                gr_go(turns_nested, &t);
            else
                gr_go(turns, &t);
        }
        for (int p = 0; p < PAR; p++)
            hear(t.done);
        gr_chan_free(t.done);
    }
    gr_gomaxprocs(before);
}

/* ---- TestTimerFairness, TestTimerFairness2 ------------------------------------------------------------------- */

typedef struct Busy {
    gr_chan *c, *done;
    _Atomic int over;
} Busy;

static void send_all_the_time(void *arg) {
    Busy *b = arg;
    gr_case k[] = {{GR_SEND, b->c, NULL, false}, {GR_RECV, b->done, NULL, false}};
    while (gr_select(k, 2, false) == 0)
        ;
    atomic_fetch_add(&b->over, 1);
}

static void read_nothing(void *arg) { (void)arg; }

static void two_way_until_timer(void *arg) {
    Busy *b = arg;
    gr_timer *t = gr_timer_make(5 * GR_MILLISECOND);
    gr_case k[] = {
        {GR_SEND, b->c, NULL, false}, {GR_RECV, b->c, NULL, false}, {GR_RECV, gr_timer_chan(t), NULL, false}};
    do
        gr_blocking(read_nothing, NULL);
    while (gr_select(k, 3, false) != 2);
    gr_timer_free(t);
    say(b->done);
    atomic_fetch_add(&b->over, 1);
}

static void timers_come_while_channels_are_busy(void) {
    Busy b = {.c = gr_chan_make(0, 0), .done = gr_chan_make(0, 0)};
    gr_go(send_all_the_time, &b);
    gr_go(send_all_the_time, &b);
    gr_timer *timer = gr_timer_make(5 * GR_MILLISECOND);
    gr_case k[] = {{GR_RECV, b.c, NULL, false}, {GR_RECV, gr_timer_chan(timer), NULL, false}};
    while (gr_select(k, 2, false) == 0)
        ;
    gr_chan_close(b.done);
    check_await(&b.over, 2);
    gr_timer_free(timer);
    gr_chan_free(b.done);

    b.done = gr_chan_make(0, 0);
    b.over = 0;
    gr_go(two_way_until_timer, &b);
    gr_go(two_way_until_timer, &b);
    hear(b.done);
    hear(b.done);
    check_await(&b.over, 2);
    gr_chan_free(b.c);
    gr_chan_free(b.done);
}

/* ---- TestPreemption, at operations of the runtime ------------------------------------------------------------ */

static void wait_for_turn(void *arg) {
    Turns *t = arg;
    uint32_t me = (uint32_t)atomic_fetch_add(&t->next, 1);
    for (uint32_t i = 0; i < 3; i++) {
        while (atomic_load(&t->x) != 2 * i + me)
            gr_now(), gr_gomaxprocs(0); /* neither gives the P up by itself */
        atomic_fetch_add(&t->x, 1);
    }
    say(t->done);
}

static void who_does_not_yield_is_preempted(void) {
    int before = gr_gomaxprocs(1);
    Turns t = {.done = gr_chan_make(0, 0)};
    gr_go(wait_for_turn, &t);
    gr_go(wait_for_turn, &t);
    hear(t.done);
    hear(t.done);
    gr_chan_free(t.done);
    gr_gomaxprocs(before);
}

/* ---- TestPingPongHog ----------------------------------------------------------------------------------------- */

typedef struct Hog {
    gr_chan *wake, *done;
    long limit;
    _Atomic long count;
    _Atomic int over;
} Hog;

/* Each turn costs a tenth of a microsecond or more, also in simulated time. */
static void hog(void *arg) {
    Hog *h = arg;
    gr_case k[] = {{GR_RECV, h->done, NULL, false}, {GR_RECV, h->wake, NULL, false}};
    while (gr_select(k, 2, false) == 1) {
        for (long i = 0; i < h->limit; i++) {
            gr_select(NULL, 0, true);
            atomic_fetch_add_explicit(&h->count, 1, memory_order_relaxed);
        }
        say(h->wake);
    }
    atomic_fetch_add(&h->over, 1);
}

/* Two pairs that hand the P over among themselves: neither pair may keep it. Without preemption of slices the ratio
 * is 1000. */
static bool share_a_p(int64_t patience_ns) {
    int before = gr_gomaxprocs(1);
    gr_chan *done = gr_chan_make(0, 0);
    Hog heavy = {gr_chan_make(0, 0), done, 100000, 0, 0}, light = {gr_chan_make(0, 0), done, 100, 0, 0};
    for (int i = 0; i < 2; i++) {
        gr_go(hog, &heavy);
        gr_go(hog, &light);
    }
    say(heavy.wake);
    say(light.wake);
    gr_sleep(300 * patience_ns); /* 150 ms */
    gr_chan_close(done);
    hear(heavy.wake);
    hear(light.wake);
    check_await(&heavy.over, 2);
    check_await(&light.over, 2);
    long a = atomic_load(&heavy.count), b = atomic_load(&light.count);
    gr_chan_free(heavy.wake);
    gr_chan_free(light.wake);
    gr_chan_free(done);
    gr_gomaxprocs(before);
    return a / 20 <= b && b / 20 <= a;
}

/* Patient: a machine with other work may give this process no more than a few slices of the time. */
static void hogs_and_light_ones_share_a_p(void) { CHECK_PATIENT(share_a_p); }

/* ---- TestNumGoroutine; TestSchedLocalQueue ------------------------------------------------------------------- */

typedef struct Held {
    gr_chan *gate;
    _Atomic int in;
} Held;

static void wait_at_gate(void *arg) {
    Held *h = arg;
    atomic_fetch_add(&h->in, 1);
    hear(h->gate);
}

static void goroutines_are_counted(void) {
    int n = gr_numgoroutine();
    Held h = {gr_chan_make(0, 0), 0};
    for (int i = 1; i <= 50; i++) {
        gr_go(wait_at_gate, &h);
        CHECK_EQ(gr_numgoroutine(), n + i);
    }
    check_await(&h.in, 50);
    gr_chan_close(h.gate);
    for (int i = 0; gr_numgoroutine() > n && i < 100000; i++)
        gr_yield();
    CHECK_EQ(gr_numgoroutine(), n);
    gr_chan_free(h.gate);
}

enum { BACKLOG = 1500 }; /* six times a P's ring: the rest goes through the global queue */
static _Atomic int ran[BACKLOG], ran_in_all;

static void run_once(void *arg) {
    atomic_fetch_add((_Atomic int *)arg, 1);
    gr_yield();
    atomic_fetch_add(&ran_in_all, 1);
}

static void each_of_a_long_queue_runs_once(void) {
    for (int i = 0; i < BACKLOG; i++)
        gr_go_stack(run_once, (void *)&ran[i], 4096);
    check_await(&ran_in_all, BACKLOG);
    for (int i = 0; i < BACKLOG; i++)
        CHECK_EQ(ran[i], 1);
}

TESTS(T(goroutines_are_counted), T(each_of_a_long_queue_runs_once), T(the_world_can_always_be_stopped),
      T(who_yields_lets_others_on), T(a_locked_goroutine_yields_and_blocks), T(as_many_as_there_are_ps_run_at_once),
      T(timers_come_while_channels_are_busy), T(who_does_not_yield_is_preempted), T(hogs_and_light_ones_share_a_p))
