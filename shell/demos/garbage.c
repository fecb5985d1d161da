/* garbage: workers make search trees, put some of them where others were, and never free anything.
 *
 *     worker x 2P --trees--> a shelf of 16 to 128 places, more and fewer by turns --> what falls off is garbage
 *
 * usage: garbage [TREES]     1500 unless given; which trees are made does not depend on who makes them
 *
 * What to look for in the timeline
 *   - The curve of the heap: a saw. Each tooth is a cycle of the collector; its points follow the shelf up and down,
 *     since the goal, drawn beside it, is twice what was in use at the end of the last cycle.
 *   - A cycle stops the world twice, for a moment: once to copy what is to be looked at, once when all has been. In
 *     between goroutines called gcBgMarkWorker mark on a quarter of the Ps, the others go on with their trees.
 *   - A worker that makes trees faster than they are marked has to help: assists, in its details.
 *   - After a cycle slices of sweeping, where somebody needs the memory that has become free.
 */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    MOST = 128,   /* places on the shelf, */
    LEAST = 16,   /* or so many */
    WAVE = 500,   /* trees from wide to narrow and back */
    NODES = 4000, /* of a tree */
};

typedef struct Node {
    struct Node *left, *right;
    uint32_t key, rank;
} Node;

static Node *shelf[MOST]; /* a variable of the program: what it points to lives */
static gr_mutex shelf_lock;
static long trees, nodes;

static uint32_t next_random(uint32_t *r) {
    *r = *r * 1664525u + 1013904223u;
    return *r >> 8;
}

/* A treap: nodes with a higher rank above. */
static Node *put(Node *at, Node *n) {
    if (!at)
        return n;
    if (n->key < at->key) {
        at->left = put(at->left, n);
        if (at->left->rank > at->rank) {
            Node *up = at->left;
            at->left = up->right;
            up->right = at;
            return up;
        }
    } else {
        at->right = put(at->right, n);
        if (at->right->rank > at->rank) {
            Node *up = at->right;
            at->right = up->left;
            up->left = at;
            return up;
        }
    }
    return at;
}

static Node *make_tree(uint32_t seed) {
    Node *root = NULL;
    for (int i = 0; i < NODES; i++) {
        Node *n = gr_new(Node);
        n->key = next_random(&seed);
        n->rank = next_random(&seed);
        root = put(root, n);
    }
    return root;
}

static long count(const Node *n, uint32_t *last) {
    if (!n)
        return 0;
    long below = count(n->left, last);
    if (n->key < *last)
        gr_panic("a tree is out of order");
    *last = n->key;
    return below + 1 + count(n->right, last);
}

/* How many places the shelf has when tree i comes: wide, narrow, wide. */
static int width(int i) {
    int at = i % WAVE, up = at < WAVE / 2 ? at : WAVE - at;
    return LEAST + (MOST - LEAST) * up / (WAVE / 2);
}

static void place(int i, Node *tree) {
    uint32_t last = 0;
    gr_mutex_lock(&shelf_lock);
    int places = width(i);
    for (int p = places; p < MOST; p++)
        shelf[p] = NULL; /* falls off */
    Node *old = shelf[i % places];
    shelf[i % places] = tree;
    trees++;
    gr_mutex_unlock(&shelf_lock);
    long n = count(old, &last); /* it is looked through once more before it is forgotten */
    gr_mutex_lock(&shelf_lock);
    nodes += n;
    gr_mutex_unlock(&shelf_lock);
}

static void worker(void *numbers) {
    for (int i; gr_chan_recv(numbers, &i);)
        place(i, make_tree((uint32_t)i));
}

int gr_main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 1500;
    gr_chan *numbers = gr_chan_make(sizeof(int), 0);
    gr_waitgroup wg = {0};
    for (int w = 2 * gr_gomaxprocs(0); w > 0; w--)
        gr_waitgroup_go(&wg, worker, numbers);
    for (int i = 0; i < n; i++)
        gr_chan_send(numbers, &i);
    gr_chan_close(numbers);
    gr_waitgroup_wait(&wg);
    gr_gc_stats s;
    gr_read_gc_stats(&s);
    printf("%ld trees of %d nodes, %ld nodes looked through again\n", trees, NODES, nodes);
    printf("%.1f MB allocated, %.1f MB in use, %llu cycles, the world stopped for %.2f ms at most\n",
           (double)s.total_bytes / 1e6, (double)s.live_bytes / 1e6, (unsigned long long)s.cycles,
           (double)s.longest_pause_ns / 1e6);
    return 0;
}
