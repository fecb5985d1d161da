/* yield.c: giving up the P lets everybody else run; goroutines on several Ps run at once. (After TestYieldProgress,
 * TestGoroutineParallelism and TestTimerFairness of Go's runtime/proc_test.go.) */
#include "check.h"

typedef struct Progress {
    _Atomic int stop, stopped;
    _Atomic int turns[8];
} Progress;

typedef struct Runner {
    Progress *p;
    int id;
} Runner;

static void run_until_stopped(void *arg) {
    Runner *r = arg;
    while (!atomic_load(&r->p->stop)) {
        atomic_fetch_add(&r->p->turns[r->id], 1);
        gr_yield();
    }
    atomic_fetch_add(&r->p->stopped, 1);
}

static void everybody_gets_turns(void) {
    Progress p = {0};
    Runner r[8];
    for (int i = 0; i < 8; i++) {
        r[i] = (Runner){&p, i};
        gr_go(run_until_stopped, &r[i]);
    }
    for (int i = 0; i < 8; i++)
        check_await(&p.turns[i], 200);
    atomic_store(&p.stop, 1);
    check_await(&p.stopped, 8);
}

static void set_flag(void *arg) { atomic_store((_Atomic int *)arg, 1); }

/* A new goroutine starts although the others are always runnable. */
static void newcomers_start_beside_yielders(void) {
    Progress p = {0};
    Runner r[4];
    for (int i = 0; i < 4; i++) {
        r[i] = (Runner){&p, i};
        gr_go(run_until_stopped, &r[i]);
    }
    for (int i = 0; i < 100; i++) {
        _Atomic int started = 0;
        gr_go(set_flag, &started);
        while (!atomic_load(&started))
            gr_yield();
    }
    atomic_store(&p.stop, 1);
    check_await(&p.stopped, 4);
}

typedef struct Pong {
    gr_chan *to, *from;
    _Atomic int done;
    int rounds;
} Pong;

static void ping_pong(void *arg) {
    Pong *p = arg;
    for (int i = 0; i < p->rounds; i++) {
        gr_chan_recv(p->to, NULL);
        gr_chan_send(p->from, NULL);
    }
    atomic_fetch_add(&p->done, 1);
}

/* Two that always make each other ready do not keep a third from its P. */
static void a_ping_pong_lets_others_run(void) {
    Pong a = {gr_chan_make(0, 0), gr_chan_make(0, 0), 0, 3000}, b = {a.from, a.to, 0, 3000};
    Progress p = {0};
    Runner r = {&p, 0};
    gr_go(ping_pong, &a);
    gr_go(ping_pong, &b);
    gr_go(run_until_stopped, &r);
    gr_chan_send(a.to, NULL); /* the ball */
    check_await(&p.turns[0], 50);
    check_await(&a.done, 1);
    gr_chan_recv(a.to, NULL); /* b's last throw */
    check_await(&b.done, 1);
    atomic_store(&p.stop, 1);
    check_await(&p.stopped, 1);
    gr_chan_free(a.to);
    gr_chan_free(a.from);
}

/* ---- parallelism (threads only: the goroutines wait for each other without yielding) ---- */

typedef struct Meeting {
    _Atomic int here;
    int expected;
    gr_waitgroup wg;
} Meeting;

static void meet(void *arg) {
    Meeting *m = arg;
    atomic_fetch_add(&m->here, 1);
    while (atomic_load(&m->here) < m->expected) { /* spins: ends only if all run at the same time */
    }
    gr_waitgroup_done(&m->wg);
}

static void ps_run_at_the_same_time(void) {
    int procs = gr_gomaxprocs(0);
    if (!check_parallel || procs > 4)
        return;
    for (int round = 0; round < 10; round++) {
        Meeting m = {0, procs, {0}};
        gr_waitgroup_add(&m.wg, procs);
        for (int i = 0; i < procs; i++)
            gr_go(meet, &m);
        gr_waitgroup_wait(&m.wg);
    }
}

TESTS(T(everybody_gets_turns), T(newcomers_start_beside_yielders), T(a_ping_pong_lets_others_run),
      T(ps_run_at_the_same_time))
