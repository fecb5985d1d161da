/* heap: nanoseconds for blocks of the garbage-collected heap and for their collection: a block of two pointers that
 * nothing keeps, one of 64 bytes without pointers, a node of trees that are built, walked and dropped, one block marked
 * in a cycle; and for how long the world stands still when 4 and 64 MB have to be copied.
 *
 * usage: heap [N]     N blocks of each kind, 8,000,000 unless given; prints one line of JSON
 */
#include "measure.h"

typedef struct Tree {
    struct Tree *left, *right;
} Tree;

static void *volatile sink;

static void small(long n) {
    for (long i = 0; i < n; i++)
        sink = gr_new(Tree);
}

static void noscan(long n) {
    for (long i = 0; i < n; i++)
        sink = gr_alloc_noscan(63);
}

static Tree *build(int depth) {
    Tree *t = gr_new(Tree);
    if (depth > 0) {
        t->left = build(depth - 1);
        t->right = build(depth - 1);
    }
    return t;
}

static long count(const Tree *t) { return t ? 1 + count(t->left) + count(t->right) : 0; }

#define DEPTH 14
#define NODES ((2L << DEPTH) - 1)

static void trees(long n) {
    Tree *kept = build(DEPTH);
    for (long done = 0; done < n; done += NODES)
        check(count(build(DEPTH)) == NODES, "a tree has lost nodes");
    check(count(kept) == NODES, "the tree that was kept has lost nodes");
}

/* The least of five cycles with a tree of so many nodes: from the call of gr_gc to its end, for each. */
static double mark_each(int depth) {
    Tree *t = build(depth);
    double best = 0;
    for (int i = 0; i < 5; i++) {
        int64_t began = gr_now();
        gr_gc();
        double ns = (double)(gr_now() - began) / (double)(2L << depth);
        best = i == 0 || ns < best ? ns : best;
    }
    check(count(t) == (2L << depth) - 1, "the tree has lost nodes");
    return best;
}

/* How long the world stood still in a cycle with so many bytes to be copied, in all: the middle of seven. */
static double stopped(size_t bytes) {
    size_t n = bytes / sizeof(Tree);
    Tree *head = NULL;
    for (size_t i = 0; i < n; i++) {
        Tree *t = gr_new(Tree);
        t->left = head;
        head = t;
    }
    int64_t ns[7];
    for (int i = 0; i < 7; i++) {
        gr_gc();
        gr_gc_stats s;
        gr_read_gc_stats(&s);
        int at = i;
        for (; at > 0 && ns[at - 1] > s.stopped_ns; at--)
            ns[at] = ns[at - 1];
        ns[at] = s.stopped_ns;
    }
    gr_keep(head);
    return (double)ns[3];
}

int gr_main(int argc, char **argv) {
    long n = count_asked(argc, argv, 8000000);
    say_begin("heap", n);
    say("small_ns", measure(small, n));
    say("noscan_ns", measure(noscan, n));
    say("trees_ns", measure(trees, n));
    say("mark_ns", mark_each(20));
    say("stop4_ns", stopped(4000000));
    say("stop64_ns", stopped(64000000));
    say_end();
    return 0;
}
