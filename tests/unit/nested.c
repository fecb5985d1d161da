/* nested.c: sequences that leave while they run nested on the stack of gr_next's caller (runtime/core/coro.c): they
 * park, are preempted, block the thread, stop the world, end, at any depth; then they go on by themselves, and nest
 * again. */
#include "check.h"

enum { ROUNDS = 40, DEEPEST = 12, FAR = 300 };

static gr_chan *from, *to;
static gr_mutex mutex;

/* ---- ways to leave, one for each element ---- */

static void leave_by_channel(void) {
    int v = 3;
    gr_chan_send(to, &v);
    gr_chan_recv(from, &v);
    CHECK_EQ(v, 4);
}

static void unlock_later(void *arg) {
    gr_yield();
    gr_mutex_unlock(&mutex);
    atomic_fetch_add((_Atomic int *)arg, 1);
}

static void leave_by_mutex(void) {
    _Atomic int unlocked = 0;
    gr_mutex_lock(&mutex);
    gr_go(unlock_later, (void *)&unlocked);
    gr_mutex_lock(&mutex); /* waits for it */
    gr_mutex_unlock(&mutex);
    check_await(&unlocked, 1);
}

static void nothing(void *arg) { (void)arg; }
static void leave_by_yield(void) { gr_yield(); }
static void leave_by_sleep(void) { gr_sleep(20 * GR_MICROSECOND); }
static void leave_by_blocking(void) { gr_blocking(nothing, NULL); }
static void leave_by_stop_of_the_world(void) { gr_gomaxprocs(gr_gomaxprocs(0) == 1 ? 2 : 1); }
static void stay(void) {}

static void (*const ways[])(void) = {
    stay, leave_by_channel,          stay, leave_by_mutex, stay, leave_by_yield, leave_by_sleep, leave_by_blocking,
    stay, leave_by_stop_of_the_world};
enum { WAYS = sizeof ways / sizeof *ways };

static void echo(void *arg) {
    (void)arg;
    for (int v; gr_chan_recv(to, &v);) {
        v++;
        gr_chan_send(from, &v);
    }
}

static void leaves_in_all_ways(gr_yield_fn *yield, void *arg) {
    for (int i = 0; i < *(int *)arg; i++) {
        ways[i % WAYS]();
        if (!yield(&i))
            return;
        ways[(i + i / WAYS) % WAYS]();
    }
}

static void begin_ways(void) {
    from = gr_chan_make(sizeof(int), 0);
    to = gr_chan_make(sizeof(int), 0);
    gr_go(echo, NULL);
}

static void end_ways(void) {
    gr_chan_close(to);
    gr_yield();
}

static void goes_on_however_it_left(void) {
    int procs = gr_gomaxprocs(0), n = ROUNDS * WAYS / 4, v;
    begin_ways();
    gr_iter *it = gr_pull(leaves_in_all_ways, &n, sizeof v);
    for (int i = 0; i < n; i++) {
        CHECK(gr_next(it, &v));
        CHECK_EQ(v, i);
        if (i % 3 == 0)
            gr_yield();
    }
    CHECK(!gr_next(it, &v));
    gr_stop(it);
    end_ways();
    gr_gomaxprocs(procs);
}

/* ---- one in the other ---- */

typedef struct Tower {
    int height;  /* sequences below */
    int n;       /* elements */
    bool leaves; /* the lowest parks now and then */
    enum { RETURNS, PANICS, GOES } end;
    _Atomic int *ended;
} Tower;

static void count_end(void *arg) { atomic_fetch_add((_Atomic int *)arg, 1); }
static void stop_it(void *arg) { gr_stop(arg); }

static void tower(gr_yield_fn *yield, void *arg) {
    Tower *t = arg, below = *t;
    gr_defer(count_end, (void *)t->ended);
    if (t->height == 0) {
        for (int i = 0; i < t->n; i++) {
            if (t->leaves && i % 3 == 2)
                gr_yield();
            if (!yield(&i))
                return;
        }
        if (t->end == PANICS)
            gr_panic("from below");
        if (t->end == GOES)
            gr_goexit();
        return;
    }
    below.height--;
    gr_iter *it = gr_pull(tower, &below, sizeof(int));
    gr_defer(stop_it, it);
    for (int v; gr_next(it, &v);) {
        v++;
        if (!yield(&v))
            break;
    }
    gr_stop(it);
}

static void towers_of_all_heights(void) {
    _Atomic int ended = 0;
    for (int height = 0; height < DEEPEST; height++) {
        for (int leaves = 0; leaves < 2; leaves++) {
            Tower t = {height, ROUNDS, leaves, RETURNS, &ended};
            int v, taken = 0;
            ended = 0;
            gr_iter *it = gr_pull(tower, &t, sizeof v);
            for (; gr_next(it, &v); taken++)
                CHECK_EQ(v, taken + height);
            CHECK_EQ(taken, ROUNDS);
            CHECK_EQ(ended, height + 1);
            gr_stop(it);
        }
    }
}

static void stopped_towers_fall(void) {
    _Atomic int ended = 0;
    for (int height = 0; height < DEEPEST; height++) {
        Tower t = {height, ROUNDS, height % 2, RETURNS, &ended};
        int v;
        ended = 0;
        gr_iter *it = gr_pull(tower, &t, sizeof v);
        for (int i = 0; i < 4; i++)
            CHECK(gr_next(it, &v));
        gr_stop(it);
        CHECK_EQ(ended, height + 1);
        CHECK(!gr_next(it, &v));
    }
}

typedef struct Outcome {
    gr_iter *it;
    int taken;
    bool panicked, came_back;
    _Atomic int over;
} Outcome;

static void note_outcome(void *arg) {
    Outcome *o = arg;
    const char *msg = gr_recover();
    o->panicked = msg && !strcmp(msg, "from below");
    atomic_store(&o->over, 1);
}

static void pull_all(void *arg) {
    Outcome *o = arg;
    gr_defer(note_outcome, o);
    for (int v; gr_next(o->it, &v);)
        o->taken++;
    o->came_back = true;
}

static void panics_and_goexit_come_up(void) {
    _Atomic int ended = 0;
    for (int height = 0; height < DEEPEST; height++) {
        for (int end = PANICS; end <= GOES; end++) {
            Tower t = {height, 5, height % 3 == 1, end, &ended};
            Outcome o = {.it = gr_pull(tower, &t, sizeof(int))};
            ended = 0;
            gr_go(pull_all, &o);
            check_await(&o.over, 1);
            CHECK_EQ(o.taken, 5);
            CHECK(!o.came_back);
            CHECK_EQ(o.panicked, end == PANICS);
            CHECK_EQ(ended, height + 1);
            gr_stop(o.it);
        }
    }
}

/* ---- preempted, suspended ---- */

static _Atomic int flag;

static void set_flag(void *arg) {
    (void)arg;
    atomic_store(&flag, 1);
}

/* With one P somebody else runs only if this is preempted. */
static void operates_until_flag(gr_yield_fn *yield, void *arg) {
    (void)arg;
    for (int i = 0;; i++) {
        atomic_store(&flag, 0);
        gr_go(set_flag, NULL);
        while (!atomic_load(&flag)) {
            gr_mutex_lock(&mutex);
            gr_mutex_unlock(&mutex);
        }
        if (!yield(&i))
            return;
    }
}

static void is_preempted(void) {
    int procs = gr_gomaxprocs(1), v;
    int64_t before = gr_read_sched_stats().preempted;
    gr_iter *it = gr_pull(operates_until_flag, NULL, sizeof v);
    for (int i = 0; i < 3; i++) {
        CHECK(gr_next(it, &v));
        CHECK_EQ(v, i);
    }
    gr_stop(it);
    CHECK(gr_read_sched_stats().preempted > before);
    gr_gomaxprocs(procs);
}

typedef struct Watched {
    _Atomic uint64_t goid; /* of the one that pulls */
    _Atomic int pulls, over;
} Watched;

static void pulls_until_told(void *arg) {
    Watched *w = arg;
    _Atomic int ended = 0;
    Tower t = {2, 1 << 30, true, RETURNS, &ended};
    gr_iter *it = gr_pull(tower, &t, sizeof(int));
    atomic_store(&w->goid, gr_goid());
    for (int v; atomic_load(&flag) == 0; atomic_fetch_add(&w->pulls, 1))
        CHECK(gr_next(it, &v));
    gr_stop(it);
    atomic_store(&w->over, 1);
}

static void note_call(void *arg) { atomic_fetch_add((_Atomic int *)arg, 1); }

static void the_caller_can_be_suspended(void) {
    Watched w = {0};
    _Atomic int calls = 0;
    flag = 0;
    gr_go(pulls_until_told, &w);
    check_await(&w.pulls, 1);
    for (int i = 1; i <= 5; i++) {
        CHECK(gr_debug_call(atomic_load(&w.goid), note_call, (void *)&calls));
        CHECK_EQ(calls, i);
        check_await(&w.pulls, atomic_load(&w.pulls) + 3);
    }
    flag = 1;
    check_await(&w.over, 1);
}

/* ---- between goroutines ---- */

typedef struct Hop {
    gr_iter *it;
    gr_chan *turn; /* of int: the element that is next */
    int last;
    gr_waitgroup done;
} Hop;

static void takes_turns(void *arg) {
    Hop *h = arg;
    for (int i; gr_chan_recv(h->turn, &i);) {
        int v = 0;
        CHECK(gr_next(h->it, &v));
        CHECK_EQ(v, i);
        if (++i == h->last)
            gr_chan_close(h->turn);
        else
            gr_chan_send(h->turn, &i);
        gr_yield();
    }
    gr_waitgroup_done(&h->done);
}

static void another_calls_each_time(void) {
    int procs = gr_gomaxprocs(0), n = ROUNDS * WAYS / 4;
    begin_ways();
    Hop h = {gr_pull(leaves_in_all_ways, &n, sizeof(int)), gr_chan_make(sizeof(int), 1), n, {0}};
    gr_waitgroup_add(&h.done, 4);
    for (int i = 0; i < 4; i++)
        gr_go(takes_turns, &h);
    gr_chan_send(h.turn, &(int){0});
    gr_waitgroup_wait(&h.done);
    gr_stop(h.it);
    gr_chan_free(h.turn);
    end_ways();
    gr_gomaxprocs(procs);
}

/* ---- stacks ---- */

/* Uses about 100 bytes a turn; at the end of the way it yields, or parks and yields. */
static int down(gr_yield_fn *yield, int turns, int *value) {
    volatile char mine[100];
    for (int i = 0; i < 100; i++)
        mine[i] = (char)(turns + i);
    int r;
    if (turns > 0) {
        r = down(yield, turns - 1, value);
    } else {
        if (*value % 2)
            gr_yield();
        r = yield(value);
    }
    for (int i = 0; i < 100; i++)
        if (mine[i] != (char)(turns + i))
            return -1;
    return r;
}

static void yields_far_down(gr_yield_fn *yield, void *arg) {
    (void)arg;
    for (int i = 0;; i++) {
        int more = down(yield, i * 53 % FAR, &i);
        CHECK(more >= 0);
        if (more <= 0)
            return;
    }
}

static bool keep_going(const void *v) { return *(const int *)v >= 0; }

static int next_far_down(gr_iter *it, int turns) {
    volatile char mine[100];
    for (int i = 0; i < 100; i++)
        mine[i] = (char)(turns + i);
    int v = -1;
    if (turns > 0)
        v = next_far_down(it, turns - 1);
    else
        CHECK(gr_next(it, &v));
    for (int i = 0; i < 100; i++)
        CHECK(mine[i] == (char)(turns + i));
    return v;
}

static void both_grow(void *arg) {
    gr_iter *it = gr_pull(yields_far_down, NULL, sizeof(int));
    for (int i = 0; i < 4 * ROUNDS; i++) {
        CHECK_EQ(next_far_down(it, i * 31 % FAR * (i % 3)), i);
        CHECK_EQ(down(keep_going, i * 17 % FAR, &i), 1); /* just after a nested return */
    }
    gr_stop(it);
    atomic_store((_Atomic int *)arg, 1);
}

static void stacks_grow_on_both_sides(void) {
    _Atomic int over = 0;
    gr_go(both_grow, (void *)&over);
    check_await(&over, 1);
}

TESTS(T(goes_on_however_it_left), T(towers_of_all_heights), T(stopped_towers_fall), T(panics_and_goexit_come_up),
      T(is_preempted), T(the_caller_can_be_suspended), T(another_calls_each_time), T(stacks_grow_on_both_sides))
