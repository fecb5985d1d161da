/* stacks.c: small stacks, deep ones, big frames, and that all locals are there again after every switch. */
#include "check.h"

/* ---- every size from the smallest on ---- */

typedef struct Small {
    gr_chan *c;
    int id;
} Small;

static void send_square(void *arg) {
    Small *s = arg;
    int v = s->id * s->id;
    gr_yield();
    gr_chan_send(s->c, &v);
}

static void small_stacks(void) {
    static const size_t bytes[] = {2048, 2500, 4096, 5000, 8192, 100000};
    gr_chan *c = gr_chan_make(sizeof(int), 0);
    for (size_t k = 0; k < sizeof bytes / sizeof *bytes; k++) {
        Small s[50];
        int sum = 0;
        for (int i = 0; i < 50; i++) {
            s[i] = (Small){c, i};
            gr_go_stack(send_square, &s[i], bytes[k]);
        }
        for (int i = 0; i < 50; i++) {
            int v = 0;
            gr_chan_recv(c, &v);
            sum += v;
        }
        CHECK_EQ(sum, 40425);
    }
    gr_chan_free(c);
}

static void touch(void *arg) { atomic_fetch_add((_Atomic int *)arg, 1); }

static void the_smallest_stack(void) {
    _Atomic int n = 0;
    for (int i = 0; i < 100; i++)
        gr_go_stack(touch, &n, 1024);
    check_await(&n, 100);
}

/* ---- depth ---- */

typedef struct Deep {
    gr_chan *c;
    int depth, spacing; /* parks at every spacing-th level on the way down */
    long long sum;
    _Atomic int done;
} Deep;

static long long descend(Deep *d, int level) {
    volatile int mine = level; /* must survive whatever happens below */
    long long below = 0;
    if (level % d->spacing == 0)
        gr_chan_recv(d->c, NULL);
    if (level < d->depth)
        below = descend(d, level + 1);
    CHECK_EQ(mine, level);
    return below + mine;
}

static void descend_once(void *arg) {
    Deep *d = arg;
    d->sum = descend(d, 1);
    atomic_store(&d->done, 1);
}

static void parked_far_down(void) {
    Deep d = {gr_chan_make(0, 0), 1000, 100, 0, 0};
    gr_go_stack(descend_once, &d, 512 * 1024);
    for (int i = 0; i < d.depth / d.spacing; i++)
        gr_chan_send(d.c, NULL);
    check_await(&d.done, 1);
    CHECK_EQ(d.sum, 1000LL * 1001 / 2);
    gr_chan_free(d.c);
}

/* A dozen of them at different depths, all parked at once, woken in turns. */
static void many_parked_far_down(void) {
    enum { N = 12 };
    Deep d[N];
    for (int i = 0; i < N; i++) {
        d[i] = (Deep){gr_chan_make(0, 0), 50 + 20 * i, 10, 0, 0};
        gr_go_stack(descend_once, &d[i], 128 * 1024);
    }
    for (int round = 0; round < 27; round++)
        for (int i = 0; i < N; i++)
            if (round < d[i].depth / d[i].spacing)
                gr_chan_send(d[i].c, NULL);
    for (int i = 0; i < N; i++) {
        check_await(&d[i].done, 1);
        CHECK_EQ(d[i].sum, (long long)d[i].depth * (d[i].depth + 1) / 2);
        gr_chan_free(d[i].c);
    }
}

/* ---- big frames ---- */

typedef struct Big {
    int id;
    gr_waitgroup *wg;
} Big;

static void big_frame(void *arg) {
    Big *b = arg;
    volatile unsigned char page[8192]; /* four times what a stack begins with */
    for (int i = 0; i < (int)sizeof page; i++)
        page[i] = (unsigned char)(i * 7 + b->id);
    for (int round = 0; round < 5; round++) {
        bool same = true;
        gr_yield();
        for (int i = 0; i < (int)sizeof page; i++)
            same &= page[i] == (unsigned char)(i * 7 + b->id);
        CHECK(same);
    }
    gr_waitgroup_done(b->wg);
}

static void big_frames_survive_switches(void) {
    enum { N = 40 };
    gr_waitgroup wg = {0};
    Big b[N];
    gr_waitgroup_add(&wg, N);
    for (int i = 0; i < N; i++) {
        b[i] = (Big){i, &wg};
        gr_go(big_frame, &b[i]);
    }
    gr_waitgroup_wait(&wg);
}

/* ---- registers: more live values than any machine has registers, of every type ---- */

typedef struct Values {
    int seed;
    gr_waitgroup *wg;
} Values;

static void keep_values(void *arg) {
    Values *v = arg;
    double a = v->seed * 1.5, b = v->seed / 3.0, c = a * b;
    float f = (float)v->seed + 0.25f;
    int64_t i = (int64_t)v->seed << 40, j = i ^ 0x55, k = ~i;
    int32_t p = v->seed * 7, q = p ^ 0x1234, r = p + q;
    for (int n = 0; n < 30; n++) {
        gr_yield();
        a += 1, b += 2, c += 3, f += 1, i += 1, j += 2, k -= 1, p += 1, q += 2, r += 3;
    }
    CHECK(a == v->seed * 1.5 + 30 && b >= v->seed / 3.0 + 59.999 && b <= v->seed / 3.0 + 60.001);
    CHECK(c >= v->seed * 1.5 * (v->seed / 3.0) + 89.99 && f == (float)v->seed + 30.25f);
    CHECK_EQ(i, ((int64_t)v->seed << 40) + 30);
    CHECK_EQ(j, (((int64_t)v->seed << 40) ^ 0x55) + 60);
    CHECK_EQ(k, ~((int64_t)v->seed << 40) - 30);
    CHECK_EQ(p, v->seed * 7 + 30);
    CHECK_EQ(q, ((v->seed * 7) ^ 0x1234) + 60);
    CHECK_EQ(r, v->seed * 7 + ((v->seed * 7) ^ 0x1234) + 90);
    gr_waitgroup_done(v->wg);
}

static void all_live_values_survive_switches(void) {
    enum { N = 16 };
    gr_waitgroup wg = {0};
    Values v[N];
    gr_waitgroup_add(&wg, N);
    for (int i = 0; i < N; i++) {
        v[i] = (Values){i + 1, &wg};
        gr_go(keep_values, &v[i]);
    }
    gr_waitgroup_wait(&wg);
}

/* ---- switches below a call through a pointer, and with the address of a local in use elsewhere ---- */

typedef struct Borrow {
    _Atomic int *counter;
    gr_chan *done;
} Borrow;

static void count_ten(void *arg) {
    Borrow *b = arg;
    for (int i = 0; i < 10; i++) {
        atomic_fetch_add(b->counter, 1);
        gr_yield();
    }
    gr_chan_send(b->done, NULL);
}

static void lend_a_local(void *arg) {
    _Atomic int on_my_stack = 0;
    Borrow b = {&on_my_stack, gr_chan_make(0, 0)};
    for (int i = 0; i < 5; i++)
        gr_go(count_ten, &b);
    for (int i = 0; i < 5; i++)
        gr_chan_recv(b.done, NULL);
    CHECK_EQ(on_my_stack, 50);
    gr_chan_free(b.done);
    gr_waitgroup_done(arg);
}

static void stacks_do_not_move(void) {
    gr_waitgroup wg = {0};
    gr_waitgroup_add(&wg, 20);
    for (int i = 0; i < 20; i++)
        gr_go(lend_a_local, &wg);
    gr_waitgroup_wait(&wg);
}

TESTS(T(small_stacks), T(the_smallest_stack), T(parked_far_down), T(many_parked_far_down),
      T(big_frames_survive_switches), T(all_live_values_survive_switches), T(stacks_do_not_move))
