/* classics: programs that live from a collector, as Go's own tests and benchmarks have them, redone from what they
 * do: binary trees, a map used by several goroutines, a ring of channels, lists spliced between goroutines, a graph
 * that is rewired. What they print does not depend on who runs when. The argument makes them so many times larger. */
#include "heap.h"

static int times = 1;

/* ---- binary trees (test/bench/go1/binarytree_test.go) -------------------------------------------------------- */

typedef struct Tree {
    struct Tree *left, *right;
} Tree;

static Tree *grow_tree(int depth) {
    Tree *t = gr_new(Tree);
    if (depth > 0) {
        t->left = grow_tree(depth - 1);
        t->right = grow_tree(depth - 1);
    }
    return t;
}

static int count_tree(const Tree *t) { return t->left ? 1 + count_tree(t->left) + count_tree(t->right) : 1; }

static void trees(void) {
    int most = 9;
    Tree *long_lived = grow_tree(most);
    for (int depth = 4; depth <= most; depth += 4) {
        int n = times << (most - depth + 2), check = 0;
        for (int i = 0; i < n; i++)
            check += count_tree(grow_tree(depth));
        printf("%d trees of depth %d: %d\n", n, depth, check);
    }
    printf("long lived tree of depth %d: %d\n", most, count_tree(long_lived));
}

/* ---- a map ---------------------------------------------------------------------------------------------------- */

enum { SHARDS = 8, BUCKETS = 64, WRITERS = 4, KEYS = 300 };

typedef struct Entry {
    struct Entry *next;
    char *key; /* a block without pointers */
    int *value;
} Entry;

typedef struct Map {
    struct {
        gr_mutex lock;
        Entry **buckets;
    } shards[SHARDS];
} Map;

static Map *map;

static uint32_t hash(const char *s) {
    uint32_t h = 2166136261u;
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 16777619u;
    return h;
}

static void put(const char *key, int value) {
    uint32_t h = hash(key);
    Entry *e = gr_new(Entry);
    size_t n = strlen(key) + 1;
    e->key = memcpy(gr_alloc_noscan(n), key, n);
    e->value = gr_new(int);
    *e->value = value;
    gr_mutex_lock(&map->shards[h % SHARDS].lock);
    Entry **at = &map->shards[h % SHARDS].buckets[h / SHARDS % BUCKETS];
    e->next = *at;
    *at = e;
    gr_mutex_unlock(&map->shards[h % SHARDS].lock);
}

/* Returns its value, -1: it is not there. */
static int take(const char *key) {
    uint32_t h = hash(key);
    int value = -1;
    gr_mutex_lock(&map->shards[h % SHARDS].lock);
    for (Entry **at = &map->shards[h % SHARDS].buckets[h / SHARDS % BUCKETS]; *at; at = &(*at)->next)
        if (strcmp((*at)->key, key) == 0) {
            value = *(*at)->value;
            *at = (*at)->next;
            break;
        }
    gr_mutex_unlock(&map->shards[h % SHARDS].lock);
    return value;
}

static gr_waitgroup all;

static void writer(void *arg) {
    int id = (int)(intptr_t)arg;
    char key[32];
    for (int round = 0; round < times; round++) {
        for (int i = 0; i < KEYS; i++) {
            snprintf(key, sizeof key, "key %d of %d", i, id);
            put(key, id * KEYS + i);
        }
        for (int i = round + 1 < times ? 0 : 1; i < KEYS; i += round + 1 < times ? 1 : 2) {
            snprintf(key, sizeof key, "key %d of %d", i, id);
            REQUIRE(take(key) == id * KEYS + i);
            REQUIRE(take(key) == -1);
        }
    }
}

static void a_map(void) {
    map = gr_new(Map);
    for (int i = 0; i < SHARDS; i++)
        map->shards[i].buckets = gr_make(Entry *, BUCKETS);
    for (int i = 0; i < WRITERS; i++)
        gr_waitgroup_go(&all, writer, (void *)(intptr_t)i);
    gr_waitgroup_wait(&all);
    long n = 0, sum = 0;
    for (int i = 0; i < SHARDS; i++)
        for (int b = 0; b < BUCKETS; b++)
            for (Entry *e = map->shards[i].buckets[b]; e; e = e->next, n++)
                sum += *e->value;
    printf("map: %ld left, sum %ld\n", n, sum);
    map = NULL;
}

/* ---- a ring of channels --------------------------------------------------------------------------------------- */

enum { RING = 12, MESSAGES = 5 };

typedef struct Hop {
    struct Hop *before;
    int at;
} Hop;

static gr_chan *ring[RING], *out;

static void station(void *arg) {
    int id = (int)(intptr_t)arg;
    for (Hop *h; (h = receive_pointer(ring[id])) != NULL;) {
        int n = 0;
        for (Hop *b = h; b; b = b->before, n++)
            REQUIRE(b->at == (b->before ? (b->before->at + 1) % RING : 0));
        if (n > 20 * times) {
            send_pointer(out, h);
            continue;
        }
        Hop *next = gr_new(Hop);
        next->before = h;
        next->at = id;
        send_pointer(ring[(id + 1) % RING], next);
    }
    gr_waitgroup_done(&all);
}

static void a_ring(void) {
    out = chan_of_pointers(MESSAGES);
    for (int i = 0; i < RING; i++)
        ring[i] = chan_of_pointers(MESSAGES);
    gr_waitgroup_add(&all, RING);
    for (int i = 0; i < RING; i++)
        gr_go(station, (void *)(intptr_t)i);
    for (int i = 0; i < MESSAGES; i++)
        send_pointer(ring[1], gr_new(Hop));
    int hops = 0;
    for (int i = 0; i < MESSAGES; i++)
        for (Hop *h = receive_pointer(out); h; h = h->before)
            hops++;
    for (int i = 0; i < RING; i++)
        gr_chan_close(ring[i]);
    gr_waitgroup_wait(&all);
    for (int i = 0; i < RING; i++)
        gr_chan_free(ring[i]);
    gr_chan_free(out);
    printf("ring: %d hops\n", hops);
}

/* ---- lists spliced between goroutines ------------------------------------------------------------------------- */

enum { LISTS = 4, NODES = 64 };

typedef struct Node {
    struct Node *next;
    int64_t id;
} Node;

static struct {
    gr_mutex lock;
    Node *first;
} lists[LISTS];

/* Half of one list goes to another, and what is between lists is on this stack alone; each node is made anew at
 * times. */
static void splicer(void *arg) {
    uint32_t r = (uint32_t)(uintptr_t)arg * 2654435761u + 1;
    for (int i = 0; i < 60 * times; i++) {
        r = r * 1664525 + 1013904223;
        uint32_t from = r >> 8 & (LISTS - 1), to = r >> 16 & (LISTS - 1);
        gr_mutex_lock(&lists[from].lock);
        Node *half = lists[from].first, **cut = &half;
        for (int n = 0; *cut && n < (int)(r >> 24 & 31); n++)
            cut = &(*cut)->next;
        lists[from].first = *cut;
        *cut = NULL;
        gr_mutex_unlock(&lists[from].lock);
        for (Node **at = &half; *at; at = &(*at)->next)
            if ((r ^= r << 5) & 64) {
                Node *copy = gr_new(Node);
                *copy = **at;
                *at = copy;
            }
        Node **end = &half;
        while (*end)
            end = &(*end)->next;
        gr_mutex_lock(&lists[to].lock);
        *end = lists[to].first;
        lists[to].first = half;
        gr_mutex_unlock(&lists[to].lock);
    }
}

static void make_nodes(void) {
    for (int i = 0; i < LISTS * NODES; i++) {
        Node *n = gr_new(Node);
        *n = (Node){lists[i % LISTS].first, i + 1};
        lists[i % LISTS].first = n;
    }
}

static void spliced_lists(void) {
    make_nodes();
    for (int i = 0; i < 5; i++)
        gr_waitgroup_go(&all, splicer, (void *)(uintptr_t)i);
    gr_waitgroup_wait(&all);
    int n = 0;
    int64_t sum = 0;
    for (int i = 0; i < LISTS; i++) {
        for (Node *at = lists[i].first; at; at = at->next, n++)
            sum += at->id;
        lists[i].first = NULL;
    }
    printf("lists: %d nodes, sum %lld\n", n, (long long)sum);
}

/* ---- a graph --------------------------------------------------------------------------------------------------- */

enum { VERTICES = 400, EDGES = 3 };

typedef struct Vertex {
    struct Vertex *to[EDGES];
    int id, seen;
} Vertex;

static Vertex *root;               /* all others are found from here */
static int edges[VERTICES][EDGES]; /* the same graph by numbers */

static int count_vertices(Vertex *v, int mark, Vertex **found) {
    if (!v || v->seen == mark)
        return 0;
    v->seen = mark;
    REQUIRE(!found[v->id]);
    found[v->id] = v;
    int n = 1;
    for (int i = 0; i < EDGES; i++) {
        REQUIRE(!v->to[i] ? edges[v->id][i] < 0 : v->to[i]->id == edges[v->id][i]);
        n += count_vertices(v->to[i], mark, found);
    }
    return n;
}

static void rewire(void *arg) {
    (void)arg;
    uint32_t r = 7;
    memset(edges, -1, sizeof edges);
    root = gr_new(Vertex);
    long total = 0;
    for (int round = 1; round <= 12 * times; round++) {
        Vertex **found = gr_make(Vertex *, VERTICES);
        int n = count_vertices(root, round, found);
        total += n;
        for (int i = 0; i < 2000; i++) { /* to one that can be reached, or a new one in the place of one that cannot */
            r = r * 1664525 + 1013904223;
            int from = (int)(r >> 8) % VERTICES, to = (int)(r >> 3) % VERTICES, e = (int)(r >> 28) % EDGES;
            if (!found[from])
                from = 0;
            if (!found[to]) {
                found[to] = gr_new(Vertex);
                found[to]->id = to;
                for (int k = 0; k < EDGES; k++)
                    edges[to][k] = -1;
            }
            found[from]->to[e] = found[to];
            edges[from][e] = to;
        }
    }
    printf("graph: %ld vertices in %d rounds\n", total, 12 * times);
    root = NULL;
}

int gr_main(int argc, char **argv) {
    if (argc > 1)
        times = atoi(argv[1]);
    gr_gc_percent(10);
    trees();
    a_map();
    a_ring();
    spliced_lists();
    gr_waitgroup_go(&all, rewire, NULL);
    gr_waitgroup_wait(&all);
    return 0;
}
