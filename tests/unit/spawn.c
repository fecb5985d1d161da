/* spawn.c: goroutines come and go: chains of ten thousand, ids, the count of those alive, reuse of the dead. */
#include "check.h"

/* ---- a chain: every link passes what comes from the right to the left, plus one ---- */

typedef struct Link {
    gr_chan *left, *right;
} Link;

static void pass_on(void *arg) {
    Link *l = arg;
    int v = 0;
    gr_chan_recv(l->right, &v);
    v++;
    gr_chan_send(l->left, &v);
}

static void chain_of_ten_thousand(void) {
    enum { N = 10000 };
    Link *links = calloc(N, sizeof *links);
    gr_chan *leftmost = gr_chan_make(sizeof(int), 0), *left = leftmost;
    int v = 0;
    for (int i = 0; i < N; i++) {
        links[i] = (Link){left, gr_chan_make(sizeof(int), 0)};
        gr_go_stack(pass_on, &links[i], 4096);
        left = links[i].right;
    }
    CHECK_EQ(gr_numgoroutine(), N + 1);
    gr_chan_send(left, &v);
    gr_chan_recv(leftmost, &v);
    CHECK_EQ(v, N);
    while (gr_numgoroutine() > 1)
        gr_yield();
    gr_chan_free(leftmost);
    for (int i = 0; i < N; i++)
        gr_chan_free(links[i].right);
    free(links);
}

/* ---- the argument arrives, the function runs once ---- */

enum { MANY = 3000 };

typedef struct One {
    _Atomic int *total;
    int value, runs;
    uint64_t goid;
} One;

static void add_value(void *arg) {
    One *o = arg;
    o->runs++;
    o->goid = gr_goid();
    if (o->value % 3 == 0)
        gr_yield();
    CHECK_EQ(gr_goid(), o->goid); /* the same after a switch, perhaps on another P */
    atomic_fetch_add(o->total, 1);
}

static int by_goid(const void *a, const void *b) {
    uint64_t x = ((const One *)a)->goid, y = ((const One *)b)->goid;
    return (x > y) - (x < y);
}

static void each_runs_once_with_an_id_of_its_own(void) {
    One *one = calloc(MANY, sizeof *one);
    _Atomic int total = 0;
    CHECK_EQ(gr_goid(), 1); /* gr_main */
    for (int i = 0; i < MANY; i++) {
        one[i] = (One){&total, i, 0, 0};
        gr_go(add_value, &one[i]);
        if (i % 500 == 499)
            check_await(&total, i - 200); /* the later ones reuse the stacks of the earlier */
    }
    check_await(&total, MANY);
    for (int i = 0; i < MANY; i++)
        CHECK_EQ(one[i].runs, 1);
    qsort(one, MANY, sizeof *one, by_goid);
    CHECK(one[0].goid > 1);
    for (int i = 1; i < MANY; i++)
        CHECK(one[i].goid > one[i - 1].goid); /* never reused, the goroutine may be */
    free(one);
}

/* ---- how many there are ---- */

typedef struct Gate {
    gr_chan *open;
    _Atomic int in, out;
} Gate;

static void wait_at_gate(void *arg) {
    Gate *g = arg;
    atomic_fetch_add(&g->in, 1);
    gr_chan_recv(g->open, NULL);
    atomic_fetch_add(&g->out, 1);
}

static void numgoroutine_counts_the_living(void) {
    while (gr_numgoroutine() > 1) /* those of earlier tests on their way out */
        gr_yield();
    Gate g = {gr_chan_make(0, 0), 0, 0};
    for (int i = 1; i <= 100; i++) {
        gr_go(wait_at_gate, &g);
        CHECK_EQ(gr_numgoroutine(), i + 1);
    }
    check_await(&g.in, 100);
    CHECK_EQ(gr_numgoroutine(), 101);
    gr_chan_close(g.open);
    check_await(&g.out, 100);
    int64_t start_ns = gr_now();
    while (gr_numgoroutine() > 1 && gr_now() - start_ns < 10 * GR_SECOND)
        gr_yield();
    CHECK_EQ(gr_numgoroutine(), 1);
    gr_chan_free(g.open);
}

/* ---- churn: far more goroutines than there are at any time ---- */

static void nothing(void *arg) { atomic_fetch_add((_Atomic int *)arg, 1); }

static void dead_ones_are_reused(void) {
    enum { N = 100000 }; /* of 16 KiB each: without reuse, 1.6 GB */
    _Atomic int done = 0;
    for (int i = 0; i < N; i++) {
        gr_go(nothing, &done);
        if (i % 64 == 63)
            check_await(&done, i - 64);
    }
    check_await(&done, N);
}

/* ---- goroutines start goroutines ---- */

typedef struct Tree {
    gr_waitgroup wg;
    _Atomic int leaves;
} Tree;

typedef struct Node {
    Tree *tree;
    int depth;
} Node;

static void grow(void *arg) {
    Node n = *(Node *)arg;
    free(arg);
    if (n.depth == 0) {
        atomic_fetch_add(&n.tree->leaves, 1);
    } else {
        gr_waitgroup_add(&n.tree->wg, 2);
        for (int i = 0; i < 2; i++) {
            Node *child = malloc(sizeof *child);
            *child = (Node){n.tree, n.depth - 1};
            gr_go(grow, child);
        }
    }
    gr_waitgroup_done(&n.tree->wg);
}

static void a_tree_of_goroutines(void) {
    Tree tree = {{0}, 0};
    Node *root = malloc(sizeof *root);
    *root = (Node){&tree, 11};
    gr_waitgroup_add(&tree.wg, 1);
    gr_go(grow, root);
    gr_waitgroup_wait(&tree.wg);
    CHECK_EQ(tree.leaves, 2048);
}

static void procs_are_between_one_and_many(void) {
    int n = gr_gomaxprocs(0);
    CHECK(n >= 1 && n <= 1024);
    CHECK_EQ(gr_gomaxprocs(0), n);
}

TESTS(T(chain_of_ten_thousand), T(each_runs_once_with_an_id_of_its_own), T(numgoroutine_counts_the_living),
      T(dead_ones_are_reused), T(a_tree_of_goroutines), T(procs_are_between_one_and_many))
