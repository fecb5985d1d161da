/* powser.c: power series as channels along which rational coefficients flow on demand: thousands of goroutines that
 * come and go, selects with cases that drop out one by one. Follows Go's test/chan/powser1.go closely, which has it
 * from Doug McIlroy ("Squinting at Power Series", 1990). As there, what is left of a series when the test is over
 * stays parked.
 *
 * Copyright 2009 The Go Authors. All rights reserved. Use of the source this follows is governed by a BSD-style
 * license.
 */
#include "../unit/check.h"

/* ---- rationals ----------------------------------------------------------------------------------------------- */

typedef struct Rat {
    int64_t num, den; /* den 0: the end of a series */
} Rat;

static const Rat zero = {0, 1}, one = {1, 1}, finis = {1, 0};

static bool is_end(Rat u) { return u.den == 0; }

static int64_t gcd(int64_t u, int64_t v) {
    u = u < 0 ? -u : u;
    while (u != 0) {
        int64_t rest = v % u;
        v = u;
        u = rest < 0 ? -rest : rest;
    }
    return v;
}

static Rat rat(int64_t num, int64_t den) {
    int64_t g = gcd(num, den);
    return den > 0 ? (Rat){num / g, den / g} : (Rat){-num / g, -den / g};
}

static Rat add(Rat u, Rat v) {
    int64_t g = gcd(u.den, v.den);
    return rat(u.num * (v.den / g) + v.num * (u.den / g), u.den * (v.den / g));
}

static Rat mul(Rat u, Rat v) {
    int64_t g1 = gcd(u.num, v.den), g2 = gcd(u.den, v.num);
    return (Rat){(u.num / g1) * (v.num / g2), (u.den / g2) * (v.den / g1)};
}

static Rat neg(Rat u) { return rat(-u.num, u.den); }
static Rat inv(Rat u) { return rat(u.den, u.num); }

/* ---- series: a channel for requests, one for what is requested ----------------------------------------------- */

typedef struct Series {
    gr_chan *req, *dat;
} Series;

static Series series_new(void) { return (Series){gr_chan_make(0, 0), gr_chan_make(sizeof(Rat), 0)}; }

static void asked(Series s) { gr_chan_recv(s.req, NULL); }
static void give(Series s, Rat r) { gr_chan_send(s.dat, &r); }

static void put(Rat r, Series s) {
    asked(s);
    give(s, r);
}

static Rat get(Series s) {
    Rat r = finis;
    gr_chan_send(s.req, NULL);
    gr_chan_recv(s.dat, &r);
    return r;
}

/* One of each of two, whichever is ready first: each case is there only while it has a channel. */
static void get2(const Series in[2], Rat out[2]) {
    gr_case k[4] = {{.op = GR_SEND, .chan = in[0].req},
                    {.op = GR_SEND, .chan = in[1].req},
                    {.op = GR_RECV, .val = &out[0]},
                    {.op = GR_RECV, .val = &out[1]}};
    for (int n = 0; n < 4; n++) {
        int chosen = gr_select(k, 4, false);
        k[chosen].chan = NULL;
        if (chosen < 2)
            k[chosen + 2].chan = in[chosen].dat;
    }
}

static void copy(Series in, Series out) {
    for (;;) {
        asked(out);
        give(out, get(in));
    }
}

/* ---- goroutines that make series ----------------------------------------------------------------------------- */

typedef struct Op {
    Series u, v, z, z2; /* from u and v to z, and for a split z2 */
    Rat c;
    int n;
    gr_chan *wait;
    void (*run)(struct Op *op);
} Op;

static void run_op(void *arg) {
    Op op = *(Op *)arg;
    free(arg);
    op.run(&op);
}

static void start(Op op) {
    Op *p = malloc(sizeof *p);
    *p = op;
    gr_go(run_op, p);
}

/* What op makes of its inputs. */
static Series made(Op op) {
    op.z = series_new();
    start(op);
    return op.z;
}

/* Reads u once and gives it out twice, at different rates. One generation for each coefficient: the newest serves
 * whoever is ahead, always as z; the oldest whoever is behind, as z2. The older ones hold what has gone to z
 * already; when such a one has been able to give it to z2 as well, it tells the next, on the channel that one waits
 * on. */
static void do_split(Op *op) {
    bool both = false; /* nobody older serves z2 */
    gr_case first[] = {{.op = GR_RECV, .chan = op->z.req}, {.op = GR_RECV, .chan = op->wait}};
    if (gr_select(first, 2, false) == 1) {
        both = true;
        gr_case second[] = {{.op = GR_RECV, .chan = op->z.req}, {.op = GR_RECV, .chan = op->z2.req}};
        if (gr_select(second, 2, false) == 1) {
            Series z = op->z;
            op->z = op->z2;
            op->z2 = z;
        }
    }
    gr_chan_send(op->u.req, NULL);
    Op next = *op;
    next.wait = gr_chan_make(0, 0);
    start(next);
    Rat r = finis;
    gr_chan_recv(op->u.dat, &r);
    give(op->z, r);
    if (!both)
        gr_chan_recv(op->wait, NULL);
    asked(op->z2);
    give(op->z2, r);
    gr_chan_send(next.wait, NULL);
}

static void split_into(Series u, const Series z[2]) {
    Op op = {.run = do_split, .u = u, .z = z[0], .z2 = z[1], .wait = gr_chan_make(0, 0)};
    start(op);
    gr_chan_send(op.wait, NULL);
}

static void first_split(Op *op) { split_into(op->u, (Series[]){op->z, op->z2}); }

static void split(Series u, Series z[2]) {
    z[0] = series_new();
    z[1] = series_new();
    start((Op){.run = first_split, .u = u, .z = z[0], .z2 = z[1]});
}

static void do_rep(Op *op) {
    for (;;)
        put(op->c, op->z);
}

static void do_add(Op *op) {
    Series in[2] = {op->u, op->v};
    for (;;) {
        Rat r[2];
        asked(op->z);
        get2(in, r);
        bool e0 = is_end(r[0]), e1 = is_end(r[1]);
        give(op->z, e0 && e1 ? finis : e0 ? r[1] : e1 ? r[0] : add(r[0], r[1]));
        if (e0 != e1)
            copy(e0 ? op->v : op->u, op->z);
    }
}

static void do_cmul(Op *op) {
    for (;;) {
        asked(op->z);
        Rat r = get(op->u);
        if (is_end(r))
            break;
        give(op->z, mul(op->c, r));
    }
    give(op->z, finis);
}

static void do_shift(Op *op) {
    put(op->c, op->z);
    copy(op->u, op->z);
}

static Series rep(Rat c) { return made((Op){.run = do_rep, .c = c}); }
static Series sum(Series u, Series v) { return made((Op){.run = do_add, .u = u, .v = v}); }
static Series cmul(Rat c, Series u) { return made((Op){.run = do_cmul, .c = c, .u = u}); }
static Series sub(Series u, Series v) { return sum(u, cmul(neg(one), v)); }
static Series shift(Rat c, Series u) { return made((Op){.run = do_shift, .c = c, .u = u}); }

/* U = u + x UU, V = v + x VV: UV = uv + x (u VV + v UU) + x x UU VV */
static void do_mul(Op *op) {
    Series in[2] = {op->u, op->v}, uu[2], vv[2];
    Rat r[2];
    asked(op->z);
    get2(in, r);
    if (is_end(r[0]) || is_end(r[1])) {
        give(op->z, finis);
        return;
    }
    give(op->z, mul(r[0], r[1]));
    split(op->u, uu);
    split(op->v, vv);
    Series w = sum(cmul(r[0], vv[0]), cmul(r[1], uu[0]));
    asked(op->z);
    give(op->z, get(w));
    copy(sum(w, made((Op){.run = do_mul, .u = uu[1], .v = vv[1]})), op->z);
}

static void do_diff(Op *op) {
    asked(op->z);
    Rat r = get(op->u);
    for (int i = 1; !is_end(r) && !is_end(r = get(op->u)); i++) {
        give(op->z, mul(rat(i, 1), r));
        asked(op->z);
    }
    give(op->z, finis);
}

static void do_integ(Op *op) {
    bool done = false;
    put(op->c, op->z);
    for (int i = 1; !done; i++) {
        asked(op->z);
        Rat r = get(op->u);
        done = is_end(r);
        give(op->z, done ? finis : mul(rat(1, i), r));
    }
}

/* (1+x)^c; with the last term, which Go's, in no test, leaves out */
static void do_binom(Op *op) {
    Rat t = one, c = op->c;
    put(t, op->z);
    for (int n = 1; c.num != 0; n++) {
        t = mul(mul(t, c), rat(1, n));
        c = add(c, neg(one));
        put(t, op->z);
    }
    put(finis, op->z);
}

static Series times(Series u, Series v) { return made((Op){.run = do_mul, .u = u, .v = v}); }
static Series diff(Series u) { return made((Op){.run = do_diff, .u = u}); }
static Series integ(Rat c, Series u) { return made((Op){.run = do_integ, .c = c, .u = u}); }
static Series binom(Rat c) { return made((Op){.run = do_binom, .c = c}); }

/* Z = 1 / U: with U = u + x UU and Z = z + x ZZ, ZZ = -UU (z + x ZZ) / u; z times U begins with 1, which is left
 * out. */
static void do_recip(Op *op) {
    Series zz[2] = {series_new(), series_new()};
    asked(op->z);
    Rat z = inv(get(op->u));
    give(op->z, z);
    split_into(times(cmul(neg(z), op->u), shift(z, zz[0])), zz);
    copy(zz[1], op->z);
}

static Series recip(Series u) { return made((Op){.run = do_recip, .u = u}); }

/* Z = exp(U): Z' = Z U'. The constant term of U is ignored. */
static Series exponential(Series u) {
    Series zz[2] = {series_new(), series_new()};
    split_into(integ(one, times(zz[0], diff(u))), zz);
    return zz[1];
}

/* U(V), where V begins with 0: U = u + x UU, V = x VV: u + VV x UU(V) */
static void do_subst(Op *op) {
    Series vv[2];
    split(op->v, vv);
    asked(op->z);
    Rat u = get(op->u);
    give(op->z, u);
    if (is_end(u))
        return;
    if (is_end(get(vv[0])))
        put(finis, op->z);
    else
        copy(times(vv[0], made((Op){.run = do_subst, .u = op->u, .v = vv[1]})), op->z);
}

/* U(c x^n) */
static void do_mon_subst(Op *op) {
    Rat c = one;
    for (;;) {
        asked(op->z);
        Rat u = get(op->u);
        give(op->z, is_end(u) ? finis : mul(u, c));
        if (is_end(u))
            return;
        c = mul(c, op->c);
        for (int i = 1; i < op->n; i++)
            put(zero, op->z);
    }
}

static Series subst(Series u, Series v) { return made((Op){.run = do_subst, .u = u, .v = v}); }
static Series mon_subst(Series u, Rat c, int n) { return made((Op){.run = do_mon_subst, .u = u, .c = c, .n = n}); }

/* ---- what comes out ------------------------------------------------------------------------------------------ */

enum { N = 10 };

static Series ones(void) { return rep(one); }

static void expect(Series s, const Rat want[N]) {
    for (int i = 0; i < N; i++) {
        Rat r = get(s);
        CHECK_EQ(r.num, want[i].num);
        CHECK_EQ(r.den, want[i].den);
    }
}

static void expect_all(Series s, Rat r) {
    Rat want[N];
    for (int i = 0; i < N; i++)
        want[i] = r;
    expect(s, want);
}

static void sums_and_multiples(void) {
    expect_all(ones(), one);
    expect_all(sum(ones(), ones()), rat(2, 1));
    expect_all(sum(ones(), rep(rat(2, 1))), rat(3, 1));
    expect_all(cmul(neg(one), rep(rat(2, 1))), rat(-2, 1));
    expect_all(sub(ones(), rep(rat(2, 1))), rat(-1, 1));
}

static void derivatives_integrals_products(void) {
    Rat count[N], harmonic[N];
    for (int i = 0; i < N; i++) {
        count[i] = rat(i + 1, 1);
        harmonic[i] = i ? rat(1, i) : zero;
    }
    expect(diff(ones()), count);
    expect(times(ones(), ones()), count);
    expect(integ(zero, ones()), harmonic);
}

static void exponentials(void) {
    static const Rat want[N] = {{1, 1},    {1, 1},      {3, 2},        {13, 6},       {73, 24},
                                {167, 40}, {4051, 720}, {37633, 5040}, {43817, 4480}, {4596553, 362880}};
    expect(exponential(ones()), want);
}

static void arc_tangent(void) {
    Rat want[N];
    for (int i = 0; i < N; i++)
        want[i] = i % 2 ? rat(i % 4 == 1 ? 1 : -1, i) : zero;
    expect(integ(zero, mon_subst(ones(), neg(one), 2)), want);
}

/* Not in Go's test, whose functions these are: series that end, reciprocals, substitution. */
static void series_that_end(void) {
    static const Rat cubed[N] = {{1, 1}, {3, 1}, {3, 1}, {1, 1}, {1, 0}, {1, 0}};
    Series b = binom(rat(3, 1));
    for (int i = 0; i < 5; i++) {
        Rat r = get(b);
        CHECK(r.num == cubed[i].num && r.den == cubed[i].den);
    }
    Rat longer[N]; /* (1+x)^3 + 1/(1-x) */
    for (int i = 0; i < N; i++)
        longer[i] = i < 4 ? add(cubed[i], one) : one;
    expect(sum(binom(rat(3, 1)), ones()), longer);
}

static void reciprocals_and_substitution(void) {
    Rat want[N] = {{1, 1}, {-1, 1}};
    for (int i = 2; i < N; i++)
        want[i] = zero;
    expect(recip(ones()), want); /* 1/(1/(1-x)) = 1 - x */
    for (int i = 0; i < N; i++)
        want[i] = i ? rat(INT64_C(1) << (i - 1), 1) : one;
    expect(subst(ones(), shift(zero, ones())), want); /* 1/(1 - x/(1-x)) = (1-x)/(1-2x) */
}

TESTS(T(sums_and_multiples), T(derivatives_integrals_products), T(exponentials), T(arc_tangent), T(series_that_end),
      T(reciprocals_and_substitution))
