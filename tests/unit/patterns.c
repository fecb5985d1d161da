/* patterns.c: whole programs made of channels: the prime sieve, a ring, a parallel sort, and power series
 * multiplied on demand (McIlroy, "Squinting at Power Series", 1990: the program that Go's test/chan/powser1.go is
 * after). */
#include "check.h"

/* ---- the daisy-chain sieve ---- */

typedef struct Filter {
    gr_chan *in, *out;
    int prime;
} Filter;

static void count_from_two(void *arg) {
    for (int i = 2;; i++)
        gr_chan_send(arg, &i);
}

static void pass_what_it_does_not_divide(void *arg) {
    Filter f = *(Filter *)arg;
    free(arg);
    for (;;) {
        int v;
        gr_chan_recv(f.in, &v);
        if (v % f.prime)
            gr_chan_send(f.out, &v);
    }
}

static void sieve_finds_the_primes(void) {
    gr_chan *c = gr_chan_make(sizeof(int), 0);
    gr_go(count_from_two, c);
    for (int n = 0, expected = 2; n < 60; n++) {
        int prime = 0;
        gr_chan_recv(c, &prime);
        CHECK_EQ(prime, expected);
        Filter *f = malloc(sizeof *f);
        gr_chan *out = gr_chan_make(sizeof(int), 0);
        *f = (Filter){c, out, prime};
        gr_go(pass_what_it_does_not_divide, f);
        c = out;
        for (bool divided = true; divided;) { /* the next prime, by trial */
            expected++;
            divided = false;
            for (int d = 2; d * d <= expected; d++)
                divided |= expected % d == 0;
        }
    }
}

/* ---- a ring: one token, many hands ---- */

enum { RING_SIZE = 100, LAPS = 50 };

static void hand_on(void *arg) {
    gr_chan **c = arg;
    int v;
    while (gr_chan_recv(c[0], &v)) {
        v++;
        gr_chan_send(c[1], &v);
    }
}

static void token_goes_round(void) {
    gr_chan **c = calloc(RING_SIZE + 1, sizeof *c);
    for (int i = 0; i <= RING_SIZE; i++)
        c[i] = gr_chan_make(sizeof(int), (size_t)(i % 2));
    for (int i = 0; i < RING_SIZE; i++)
        gr_go(hand_on, &c[i]);
    int token = 0;
    for (int lap = 1; lap <= LAPS; lap++) {
        gr_chan_send(c[0], &token);
        gr_chan_recv(c[RING_SIZE], &token);
        CHECK_EQ(token, lap * RING_SIZE);
    }
}

/* ---- quicksort, a goroutine for each half ---- */

typedef struct Part {
    int *first;
    int n;
    gr_waitgroup *wg;
} Part;

static void sort_part(void *arg) {
    Part part = *(Part *)arg;
    free(arg);
    while (part.n > 1) {
        int pivot = part.first[part.n / 2], i = 0, k = part.n - 1;
        while (i <= k) {
            while (part.first[i] < pivot)
                i++;
            while (part.first[k] > pivot)
                k--;
            if (i <= k) {
                int t = part.first[i];
                part.first[i++] = part.first[k];
                part.first[k--] = t;
            }
        }
        Part *left = malloc(sizeof *left);
        *left = (Part){part.first, k + 1, part.wg};
        gr_waitgroup_add(part.wg, 1);
        gr_go(sort_part, left);
        part = (Part){part.first + i, part.n - i, part.wg};
    }
    gr_waitgroup_done(part.wg);
}

static void parallel_quicksort(void) {
    enum { N = 20000 };
    int *v = malloc(N * sizeof *v);
    int64_t sum = 0;
    uint32_t x = 1;
    for (int i = 0; i < N; i++) {
        x = x * 1664525 + 1013904223;
        v[i] = (int)(x >> 8);
        sum += v[i];
    }
    gr_waitgroup wg = {0};
    Part *all = malloc(sizeof *all);
    *all = (Part){v, N, &wg};
    gr_waitgroup_add(&wg, 1);
    gr_go(sort_part, all);
    gr_waitgroup_wait(&wg);
    bool sorted = true;
    for (int i = 0; i < N; i++) {
        sum -= v[i];
        sorted &= i == 0 || v[i - 1] <= v[i];
    }
    CHECK(sorted);
    CHECK_EQ(sum, 0);
    free(v);
}

/* ---- power series: a goroutine makes the coefficients, one for each request ---- */

typedef struct Series {
    gr_chan *request, *reply;
} Series;

typedef struct Op {
    Series out, a, b; /* b also: the second copy that a split makes */
    int64_t factor;
    void (*run)(struct Op *op);
} Op;

static int64_t next_of(Series s) {
    int64_t v = 0;
    gr_chan_send(s.request, NULL);
    gr_chan_recv(s.reply, &v);
    return v;
}

static void put(Series s, int64_t v) {
    gr_chan_recv(s.request, NULL);
    gr_chan_send(s.reply, &v);
}

static Series new_series(void) { return (Series){gr_chan_make(0, 0), gr_chan_make(sizeof(int64_t), 0)}; }

static void run_op(void *arg) {
    Op op = *(Op *)arg;
    free(arg);
    op.run(&op);
}

static Series start(void (*run)(Op *), Series a, Series b, int64_t factor) {
    Op *op = malloc(sizeof *op);
    *op = (Op){new_series(), a, b, factor, run};
    Series out = op->out;
    gr_go(run_op, op);
    return out;
}

static void run_ones(Op *op) {
    for (;;)
        put(op->out, 1);
}

static void run_add(Op *op) {
    for (;;) {
        gr_chan_recv(op->out.request, NULL);
        int64_t v = next_of(op->a) + next_of(op->b);
        gr_chan_send(op->out.reply, &v);
    }
}

static void run_scale(Op *op) {
    for (;;) {
        gr_chan_recv(op->out.request, NULL);
        int64_t v = op->factor * next_of(op->a);
        gr_chan_send(op->out.reply, &v);
    }
}

static void run_shift(Op *op) {
    put(op->out, 0);
    op->factor = 1;
    run_scale(op);
}

/* Serves two readers of one series; what one has had and the other not yet waits in `late`. */
static void run_split(Op *op) {
    enum { ROOM = 64 };
    int64_t late[ROOM];
    int head = 0, n = 0, ahead = 0; /* which reader is ahead by n */
    for (;;) {
        gr_case cases[2] = {{GR_RECV, op->out.request, NULL, false}, {GR_RECV, op->b.request, NULL, false}};
        int who = gr_select(cases, 2, false);
        int64_t v;
        if (n > 0 && who != ahead) {
            v = late[head];
            head = (head + 1) % ROOM;
            n--;
        } else {
            v = next_of(op->a);
            ahead = who;
            CHECK(n < ROOM);
            late[(head + n++) % ROOM] = v;
        }
        gr_chan_send(who == 0 ? op->out.reply : op->b.reply, &v);
    }
}

static void split(Series s, Series copy[2]) {
    copy[1] = new_series();
    copy[0] = start(run_split, s, copy[1], 0);
}

/* (a + xA)(b + xB) = ab + x(aB + bA + xAB): everything behind the first coefficient is made when it is asked for. */
static void run_mul(Op *op) {
    gr_chan_recv(op->out.request, NULL);
    int64_t a = next_of(op->a), b = next_of(op->b), ab = a * b;
    gr_chan_send(op->out.reply, &ab);
    Series tail_a[2], tail_b[2], none = {NULL, NULL};
    split(op->a, tail_a);
    split(op->b, tail_b);
    Series outer = start(run_add, start(run_scale, tail_b[0], none, a), start(run_scale, tail_a[0], none, b), 0);
    Series inner = start(run_shift, start(run_mul, tail_a[1], tail_b[1], 0), none, 1);
    op->a = start(run_add, outer, inner, 0);
    op->factor = 1;
    run_scale(op);
}

/* 1/(1-x) = 1 + x + x^2 + …; its powers have binomial coefficients. */
static void power_series_multiply(void) {
    Series none = {NULL, NULL};
    Series ones[3];
    for (int i = 0; i < 3; i++)
        ones[i] = start(run_ones, none, none, 0);
    Series square = start(run_mul, ones[0], ones[1], 0), two[2];
    split(square, two);
    Series cube = start(run_mul, two[0], ones[2], 0);
    for (int n = 0; n < 12; n++) {
        CHECK_EQ(next_of(two[1]), n + 1);
        CHECK_EQ(next_of(cube), (n + 1) * (n + 2) / 2);
    }
}

TESTS(T(sieve_finds_the_primes), T(token_goes_round), T(parallel_quicksort), T(power_series_multiply))
