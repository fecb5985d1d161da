/* drops: makes lists, maps, graphs, trees, rows of text and goroutines that hold some, and drops them; after each
 * round of STEPS it collects and says what is live. drops.go is the same program: step for step they hold the same.
 *
 * usage: drops ROUNDS     prints for each round the bytes that are live
 */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 48, STEPS = 400 };

static uint64_t state = 88172645463325252u;

/* 0 to n - 1. (xorshift64) */
static uint32_t below(uint32_t n) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 33) % n;
}

typedef struct Node {
    struct Node *next;
    long value;
} Node;

static Node *list(uint32_t n) {
    Node *first = NULL;
    for (uint32_t i = 0; i < n; i++) {
        Node *node = gr_new(Node);
        *node = (Node){first, (long)i};
        first = node;
    }
    return first;
}

typedef struct Entry {
    struct Entry *next;
    uint32_t key; /* any number of 31 bits: what looks like a pointer is here */
    void *value;
} Entry;

typedef struct Map {
    Entry **buckets;
    uint32_t n_buckets, n;
} Map;

static Map *map(uint32_t n) {
    Map *m = gr_new(Map);
    m->n_buckets = n / 2 + 1;
    m->buckets = gr_make(Entry *, m->n_buckets);
    for (uint32_t i = 0; i < n; i++) {
        Entry *e = gr_new(Entry);
        e->key = below(1u << 31);
        e->value = list(2);
        Entry **at = &m->buckets[e->key % m->n_buckets];
        e->next = *at;
        *at = e;
        if (i % 3 == 2) /* what came last into one of the buckets goes */
            at = &m->buckets[below(m->n_buckets)], *at = *at ? (*at)->next : NULL;
    }
    return m;
}

typedef struct Vertex {
    struct Vertex **edges;
    long n, marks;
} Vertex;

static Vertex **graph(uint32_t n) {
    Vertex **all = gr_make(Vertex *, n);
    for (uint32_t i = 0; i < n; i++)
        all[i] = gr_new(Vertex);
    for (uint32_t i = 0; i < n; i++) {
        all[i]->n = 1 + below(4);
        all[i]->edges = gr_make(Vertex *, all[i]->n);
        for (long k = 0; k < all[i]->n; k++)
            all[i]->edges[k] = all[below(n)];
    }
    return all;
}

typedef struct Tree {
    struct Tree *left, *right;
    double weight;
} Tree;

static Tree *tree(int depth) {
    Tree *t = gr_new(Tree);
    t->weight = 1.0 / (1 + depth);
    if (depth > 0)
        t->left = tree(depth - 1), t->right = tree(depth - 1);
    return t;
}

static char **text(uint32_t n) {
    char **lines = gr_make(char *, n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t length = 10 + below(200);
        lines[i] = gr_alloc_noscan(length);
        memset(lines[i], 'x', length);
    }
    return lines;
}

/* A goroutine that holds a list until it is let go. */
typedef struct Held {
    gr_chan *go, *gone;
    Node *list;
} Held;

static void hold(void *arg) {
    Held *h = arg;
    Node *mine = h->list;
    gr_chan_recv(h->go, NULL);
    long n = 0;
    for (; mine; mine = mine->next)
        n++;
    gr_chan_send(h->gone, &n);
}

static Held *holder(uint32_t n) {
    Held *h = gr_new(Held);
    *h = (Held){gr_chan_make(0, 0), gr_chan_make(sizeof(long), 1), list(n)};
    gr_go(hold, h);
    return h;
}

static void let_go(Held *h) {
    gr_chan_close(h->go);
    gr_chan_recv(h->gone, &(long){0});
    gr_chan_free(h->go);
    gr_chan_free(h->gone);
}

typedef struct Slot {
    void *what;
    Held *held;
} Slot;

static Slot slots[SLOTS];

static void step(void) {
    Slot *s = &slots[below(SLOTS)];
    if (s->held)
        let_go(s->held);
    *s = (Slot){0};
    uint32_t kind = below(6), n = 50 + below(4000);
    switch (kind) {
    case 0:
        s->what = list(n);
        break;
    case 1:
        s->what = map(n);
        break;
    case 2:
        s->what = graph(n);
        break;
    case 3:
        s->what = tree((int)(4 + n % 9));
        break;
    case 4:
        s->what = text(n);
        break;
    default:
        s->held = holder(n);
        break;
    }
}

int gr_main(int argc, char **argv) {
    long rounds = argc > 1 ? atol(argv[1]) : 1;
    for (long round = 0; round < rounds; round++) {
        for (int i = 0; i < STEPS; i++)
            step();
        gr_gc();
        gr_gc_stats stats;
        gr_read_gc_stats(&stats);
        printf("%llu\n", (unsigned long long)stats.live_bytes);
    }
    return 0;
}
