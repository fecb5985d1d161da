/* Locks and the like, as Go's src/sync/{mutex,rwmutex,cond,waitgroup,once}_test.go and src/runtime/rwmutex_test.go
 * want them. Which case follows which test: conformance.test.mjs. What is fatal is in tests/programs/failures.c.
 *
 * Copyright 2009 The Go Authors. All rights reserved. Use of the source this follows is governed by a BSD-style
 * license.
 */
#include "../unit/check.h"

static void say(gr_chan *c) { gr_chan_send(c, NULL); }
static void hear(gr_chan *c) { gr_chan_recv(c, NULL); }

/* ---- mutex_test.go: TestMutex, TestMutexFairness ------------------------------------------------------------- */

typedef struct Hammer {
    gr_mutex *m;
    gr_chan *done;
    int *inside;
} Hammer;

static void hammer(void *arg) {
    Hammer *h = arg;
    for (int i = 0; i < 500; i++) {
        if (i % 3 == 0) {
            if (!gr_mutex_trylock(h->m))
                continue;
        } else {
            gr_mutex_lock(h->m);
        }
        CHECK_EQ(++*h->inside, 1);
        if (i % 16 == 0)
            gr_yield();
        --*h->inside;
        gr_mutex_unlock(h->m);
    }
    say(h->done);
}

static void mutex_excludes(void) {
    int inside = 0;
    gr_mutex m = {0};
    Hammer h = {&m, gr_chan_make(0, 0), &inside};
    gr_mutex_lock(&m);
    CHECK(!gr_mutex_trylock(&m));
    gr_mutex_unlock(&m);
    CHECK(gr_mutex_trylock(&m));
    gr_mutex_unlock(&m);
    for (int i = 0; i < 10; i++)
        gr_go(hammer, &h);
    for (int i = 0; i < 10; i++)
        hear(h.done);
    gr_chan_free(h.done);
}

typedef struct Fair {
    gr_mutex m;
    gr_chan *stop;
    _Atomic int turns, hog_over, meek_over;
} Fair;

/* Holds the mutex nearly always: gives it free only to take it again at once. */
static void fair_hog(void *arg) {
    Fair *f = arg;
    do {
        gr_mutex_lock(&f->m);
        gr_sleep(100 * GR_MICROSECOND);
        gr_mutex_unlock(&f->m);
    } while (gr_select((gr_case[]){{GR_RECV, f->stop, NULL, false}}, 1, true) < 0);
    atomic_store(&f->hog_over, 1);
}

static void fair_meek(void *arg) {
    Fair *f = arg;
    for (int i = 0; i < 10; i++) {
        gr_sleep(100 * GR_MICROSECOND);
        gr_mutex_lock(&f->m);
        atomic_fetch_add(&f->turns, 1);
        gr_mutex_unlock(&f->m);
    }
    atomic_store(&f->meek_over, 1);
}

/* Starvation mode: without it the meek one would wait for ever. Ten turns of at most 1 ms of starving each, give or
 * take. */
static void nobody_starves(void) {
    Fair f = {.stop = gr_chan_make(0, 0)};
    gr_go(fair_hog, &f);
    gr_go(fair_meek, &f);
    gr_timer *limit = gr_timer_make(20 * GR_SECOND);
    while (!atomic_load(&f.meek_over) &&
           gr_select((gr_case[]){{GR_RECV, gr_timer_chan(limit), NULL, false}}, 1, true) < 0)
        gr_sleep(100 * GR_MICROSECOND);
    CHECK_EQ(f.turns, 10);
    gr_chan_close(f.stop);
    check_await(&f.hog_over, 1);
    check_await(&f.meek_over, 1);
    gr_timer_free(limit);
    gr_chan_free(f.stop);
}

/* ---- runtime/sema_test.go: TestSemaHandoff1, with a starving gr_mutex, which hands its semaphore over -------- */

typedef struct Handover {
    gr_mutex m;
    _Atomic int first; /* 1: who waited, 2: who unlocked went on first */
    _Atomic int over;
} Handover;

static void busy_until_over(void *arg) {
    Handover *h = arg;
    while (!atomic_load(&h->over))
        gr_yield();
}

static void wait_in_line(void *arg) {
    Handover *h = arg;
    gr_mutex_lock(&h->m);
    int none = 0;
    atomic_compare_exchange_strong(&h->first, &none, 1);
    gr_mutex_unlock(&h->m);
    atomic_store(&h->over, 1);
}

static bool is_starving(gr_mutex *m) { return __atomic_load_n(&m->state, __ATOMIC_SEQ_CST) & 4; }

static int hand_over(void) {
    Handover h = {{0}, 0, 0};
    gr_waitgroup wg = {0};
    gr_mutex_lock(&h.m);
    gr_waitgroup_go(&wg, wait_in_line, &h);
    gr_waitgroup_go(&wg, busy_until_over, &h);
    while (!is_starving(&h.m) && !atomic_load(&h.over)) {
        gr_sleep(1100 * GR_MICROSECOND); /* it waits for more than 1 ms */
        gr_mutex_unlock(&h.m);
        gr_mutex_lock(&h.m); /* before it has got here: now it is starving */
        gr_yield();
    }
    gr_mutex_unlock(&h.m);
    int none = 0;
    atomic_compare_exchange_strong(&h.first, &none, 2);
    gr_waitgroup_wait(&wg);
    return atomic_load(&h.first);
}

static void a_handover_is_direct(void) {
    enum { ROUNDS = 30 };
    int before = gr_gomaxprocs(1), direct = 0;
    for (int i = 0; i < ROUNDS; i++)
        direct += hand_over() == 1;
    CHECK(direct >= ROUNDS * 2 / 3);
    gr_gomaxprocs(before);
}

/* ---- rwmutex_test.go: TestRWMutex, TestParallelReaders ------------------------------------------------------- */

typedef struct Readers {
    gr_rwmutex m;
    gr_chan *in, *done;
    _Atomic int unlock;
    _Atomic int32_t activity; /* readers inside + 10000 * writers inside */
    int rounds;
} Readers;

static void parallel_reader(void *arg) {
    Readers *r = arg;
    gr_rwmutex_rlock(&r->m);
    say(r->in);
    while (!atomic_load(&r->unlock))
        if (!check_parallel)
            gr_yield();
    gr_rwmutex_runlock(&r->m);
    say(r->done);
}

static void readers_are_in_together(void) {
    int before = gr_gomaxprocs(0);
    static const int crowds[] = {1, 3, 4};
    for (int k = 0; k < 3; k++) {
        int n = crowds[k];
        Readers r = {.in = gr_chan_make(0, (size_t)n), .done = gr_chan_make(0, 0)};
        gr_gomaxprocs(n + 1); /* they spin */
        for (int i = 0; i < n; i++)
            gr_go(parallel_reader, &r);
        for (int i = 0; i < n; i++)
            hear(r.in);
        atomic_store(&r.unlock, 1);
        for (int i = 0; i < n; i++)
            hear(r.done);
        gr_chan_free(r.in);
        gr_chan_free(r.done);
    }
    gr_gomaxprocs(before);
}

/* The beginning of TestRWMutex. */
static void trying_does_not_wait(void) {
    gr_rwmutex m = {0};
    gr_rwmutex_lock(&m);
    CHECK(!gr_rwmutex_trylock(&m) && !gr_rwmutex_tryrlock(&m));
    gr_rwmutex_unlock(&m);
    CHECK(gr_rwmutex_trylock(&m));
    CHECK(!gr_rwmutex_trylock(&m) && !gr_rwmutex_tryrlock(&m));
    gr_rwmutex_unlock(&m);
    gr_rwmutex_rlock(&m);
    CHECK(gr_rwmutex_tryrlock(&m) && !gr_rwmutex_trylock(&m));
    gr_rwmutex_runlock(&m);
    gr_rwmutex_runlock(&m);
    CHECK(gr_rwmutex_trylock(&m));
    gr_rwmutex_unlock(&m);
}

static void rw_reader(void *arg) {
    Readers *r = arg;
    for (int i = 0; i < r->rounds; i++) {
        if (i % 4 || !gr_rwmutex_tryrlock(&r->m))
            gr_rwmutex_rlock(&r->m);
        int n = atomic_fetch_add(&r->activity, 1) + 1;
        CHECK(n >= 1 && n < 10000);
        if (i % 8 == 0)
            gr_yield();
        atomic_fetch_sub(&r->activity, 1);
        gr_rwmutex_runlock(&r->m);
    }
    say(r->done);
}

static void rw_writer(void *arg) {
    Readers *r = arg;
    for (int i = 0; i < r->rounds; i++) {
        if (i % 4 || !gr_rwmutex_trylock(&r->m))
            gr_rwmutex_lock(&r->m);
        CHECK_EQ(atomic_fetch_add(&r->activity, 10000), 0);
        if (i % 8 == 0)
            gr_yield();
        atomic_fetch_sub(&r->activity, 10000);
        gr_rwmutex_unlock(&r->m);
    }
    say(r->done);
}

static void rwmutex_under_hammers(void) {
    static const int procs[] = {1, 4, 10}, crowds[] = {1, 3, 10};
    int before = gr_gomaxprocs(0);
    for (int i = 0; i < 9; i++) {
        if (!check_parallel || procs[i / 3] <= 4)
            gr_gomaxprocs(procs[i / 3]);
        Readers r = {.done = gr_chan_make(0, 0), .rounds = 60};
        int n = crowds[i % 3];
        gr_go(rw_writer, &r);
        for (int k = 0; k < n / 2; k++)
            gr_go(rw_reader, &r);
        gr_go(rw_writer, &r);
        for (int k = n / 2; k < n; k++)
            gr_go(rw_reader, &r);
        for (int k = 0; k < 2 + n; k++)
            hear(r.done);
        gr_chan_free(r.done);
    }
    gr_gomaxprocs(before);
}

/* TestRLocker, with the read lock itself: it may be held twice, and a writer waits for both. */
typedef struct Turns {
    gr_rwmutex m;
    gr_chan *rlocked, *wlocked;
} Turns;

static void read_twice_then_write(void *arg) {
    Turns *t = arg;
    for (int i = 0; i < 10; i++) {
        gr_rwmutex_rlock(&t->m);
        gr_rwmutex_rlock(&t->m);
        say(t->rlocked);
        gr_rwmutex_lock(&t->m);
        say(t->wlocked);
    }
}

static void a_writer_waits_for_all_readers(void) {
    Turns t = {{{0}, 0, 0, 0, 0}, gr_chan_make(0, 1), gr_chan_make(0, 1)};
    gr_waitgroup wg = {0};
    gr_waitgroup_go(&wg, read_twice_then_write, &t);
    for (int i = 0; i < 10; i++) {
        hear(t.rlocked);
        gr_rwmutex_runlock(&t.m);
        CHECK_EQ(gr_chan_len(t.wlocked), 0);
        gr_rwmutex_runlock(&t.m);
        hear(t.wlocked);
        CHECK(!gr_rwmutex_tryrlock(&t.m));
        gr_rwmutex_unlock(&t.m);
    }
    gr_waitgroup_wait(&wg);
    gr_chan_free(t.rlocked);
    gr_chan_free(t.wlocked);
}

/* ---- cond_test.go -------------------------------------------------------------------------------------------- */

typedef struct Room {
    gr_mutex m;
    gr_cond c;
    gr_chan *running, *awake, *done;
    int id, x;
    bool exit;
    _Atomic int next;
} Room;

static int count_of(gr_chan *c) { return (int)gr_chan_len(c); }

static void wait_once(void *arg) {
    Room *r = arg;
    gr_mutex_lock(&r->m);
    int id = r->id++;
    gr_chan_send(r->running, &id);
    gr_cond_wait(&r->c, &r->m);
    gr_chan_send(r->awake, &id);
    gr_mutex_unlock(&r->m);
}

static Room room(int n) {
    return (Room){.running = gr_chan_make(sizeof(int), (size_t)n), .awake = gr_chan_make(sizeof(int), (size_t)n)};
}

static void signal_wakes_one(void) {
    int n = 5;
    Room r = room(n);
    for (int i = 0; i < n; i++)
        gr_go(wait_once, &r);
    for (int i = 0; i < n; i++)
        hear(r.running);
    for (; n > 0; n--) {
        CHECK_EQ(count_of(r.awake), 0);
        gr_mutex_lock(&r.m);
        gr_cond_signal(&r.c);
        gr_mutex_unlock(&r.m);
        hear(r.awake);
        CHECK_EQ(count_of(r.awake), 0);
    }
    gr_cond_signal(&r.c);
    gr_mutex_lock(&r.m); /* the last one has left it */
}

/* Who comes after a signal is not woken by it. */
static void signal_keeps_to_generations(void) {
    Room r = room(100);
    for (int i = 0; i < 100; i++) {
        gr_go(wait_once, &r);
        int woken = -1;
        if (i > 0) {
            gr_chan_recv(r.awake, &woken);
            CHECK_EQ(woken, i - 1);
        }
        hear(r.running);
        gr_mutex_lock(&r.m);
        gr_cond_signal(&r.c);
        gr_mutex_unlock(&r.m);
    }
    hear(r.awake);
    gr_mutex_lock(&r.m);
}

static void wait_until_exit(void *arg) {
    Room *r = arg;
    gr_mutex_lock(&r->m);
    int id = r->id++;
    while (!r->exit) {
        gr_chan_send(r->running, &id);
        gr_cond_wait(&r->c, &r->m);
        gr_chan_send(r->awake, &id);
    }
    gr_mutex_unlock(&r->m);
    say(r->done);
}

static void broadcast_wakes_each_once(void) {
    enum { N = 40 };
    Room r = room(N);
    r.done = gr_chan_make(0, 0);
    for (int i = 0; i < N; i++)
        gr_go(wait_until_exit, &r);
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < N; k++)
            hear(r.running);
        gr_mutex_lock(&r.m);
        r.exit = i == N - 1;
        CHECK_EQ(count_of(r.awake), 0);
        gr_cond_broadcast(&r.c);
        gr_mutex_unlock(&r.m);
        bool seen[N] = {false};
        for (int k = 0; k < N; k++) {
            int id = -1;
            gr_chan_recv(r.awake, &id);
            CHECK(id >= 0 && id < N && !seen[id]);
            seen[id % N] = true;
        }
    }
    for (int i = 0; i < N; i++)
        hear(r.done);
    CHECK_EQ(count_of(r.running), 0);
    gr_cond_broadcast(&r.c);
}

static void race_first(void *arg) {
    Room *r = arg;
    gr_mutex_lock(&r->m);
    r->x = 1;
    gr_cond_wait(&r->c, &r->m);
    CHECK_EQ(r->x, 2);
    r->x = 3;
    gr_cond_signal(&r->c);
    gr_mutex_unlock(&r->m);
    say(r->done);
}

static void race_second(void *arg) {
    Room *r = arg;
    gr_mutex_lock(&r->m);
    while (r->x != 1) {
        gr_mutex_unlock(&r->m);
        gr_yield();
        gr_mutex_lock(&r->m);
    }
    r->x = 2;
    gr_cond_signal(&r->c);
    gr_mutex_unlock(&r->m);
    say(r->done);
}

static void race_third(void *arg) {
    Room *r = arg;
    gr_mutex_lock(&r->m);
    while (r->x != 3) {
        if (r->x == 2) {
            gr_cond_wait(&r->c, &r->m);
            CHECK_EQ(r->x, 3);
            break;
        }
        gr_mutex_unlock(&r->m);
        gr_yield();
        gr_mutex_lock(&r->m);
    }
    gr_mutex_unlock(&r->m);
    say(r->done);
}

static void cond_hands_on_in_order(void) {
    Room r = {.done = gr_chan_make(0, 0)};
    gr_go(race_first, &r);
    gr_go(race_second, &r);
    gr_go(race_third, &r);
    for (int i = 0; i < 3; i++)
        hear(r.done);
    gr_chan_free(r.done);
}

/* ---- waitgroup_test.go: TestWaitGroup, TestWaitGroupRace ----------------------------------------------------- */

typedef struct Groups {
    gr_waitgroup a, b;
    gr_chan *exited;
    _Atomic int n;
} Groups;

static void done_then_wait(void *arg) {
    Groups *g = arg;
    gr_waitgroup_done(&g->a);
    gr_waitgroup_wait(&g->b);
    say(g->exited);
}

static void waitgroups_hold_back_and_let_go(void) {
    Groups g = {.exited = gr_chan_make(0, 16)};
    for (int round = 0; round < 8; round++) {
        gr_waitgroup_add(&g.a, 16);
        gr_waitgroup_add(&g.b, 16);
        for (int i = 0; i < 16; i++)
            gr_go(done_then_wait, &g);
        gr_waitgroup_wait(&g.a);
        for (int i = 0; i < 16; i++) {
            CHECK_EQ(count_of(g.exited), 0);
            gr_waitgroup_done(&g.b);
        }
        for (int i = 0; i < 16; i++)
            hear(g.exited);
    }
    gr_chan_free(g.exited);
}

static void add_and_done(void *arg) {
    Groups *g = arg;
    atomic_fetch_add(&g->n, 1);
    gr_waitgroup_done(&g->a);
}

static void a_finished_waitgroup_may_go(void) {
    for (int i = 0; i < 300; i++) {
        Groups *g = calloc(1, sizeof *g);
        gr_waitgroup_add(&g->a, 1);
        gr_go(add_and_done, g);
        gr_waitgroup_add(&g->a, 1);
        gr_go(add_and_done, g);
        gr_waitgroup_wait(&g->a);
        CHECK_EQ(g->n, 2);
        free(g);
    }
}

/* ---- once_test.go: TestOnce, TestOncePanic ------------------------------------------------------------------- */

static gr_once once;
static _Atomic int times, finished;

static void first_time(void) {
    gr_sleep(100 * GR_MICROSECOND);
    atomic_fetch_add(&times, 1);
}

static void do_once(void *arg) {
    gr_once_do(&once, first_time);
    CHECK_EQ(times, 1); /* whoever comes back comes back after it */
    atomic_fetch_add(&finished, 1);
    say(arg);
}

static void once_is_once(void) {
    gr_chan *c = gr_chan_make(0, 0);
    for (int i = 0; i < 10; i++)
        gr_go(do_once, c);
    for (int i = 0; i < 10; i++)
        hear(c);
    CHECK_EQ(times, 1);
    CHECK_EQ(finished, 10);
    gr_chan_free(c);
}

/* TestOncePanic, and the same with gr_goexit: it has been called all the same. */
static void fail_once(void) {
    times++;
    gr_panic("failed");
}

static void exit_once(void) {
    times++;
    gr_goexit();
}

static void recover_failed(void *arg) {
    (void)arg;
    const char *msg = gr_recover();
    CHECK(msg && !strcmp(msg, "failed"));
}

static gr_once of_failure, of_exit;

static void do_fail(void *arg) {
    (void)arg;
    gr_defer(recover_failed, NULL);
    gr_once_do(&of_failure, fail_once);
}

static void do_exit(void *arg) {
    (void)arg;
    gr_once_do(&of_exit, exit_once);
}

static void once_is_once_however_it_ends(void) {
    void (*ways[])(void *) = {do_fail, do_exit};
    for (int i = 0; i < 2; i++) {
        gr_waitgroup wg = {0};
        times = 0;
        gr_waitgroup_go(&wg, ways[i], NULL);
        gr_waitgroup_wait(&wg);
        gr_once_do(i ? &of_exit : &of_failure, fail_once);
        CHECK_EQ(times, 1);
    }
}

TESTS(T(mutex_excludes), T(nobody_starves), T(a_handover_is_direct), T(readers_are_in_together),
      T(trying_does_not_wait), T(rwmutex_under_hammers), T(a_writer_waits_for_all_readers), T(signal_wakes_one),
      T(signal_keeps_to_generations), T(broadcast_wakes_each_once), T(cond_hands_on_in_order),
      T(waitgroups_hold_back_and_let_go), T(a_finished_waitgroup_may_go), T(once_is_once),
      T(once_is_once_however_it_ends))
