/* churn: goroutines of all stack sizes are born and die in trees, by return and by gr_goexit, deep and shallow.
 * Every one runs once, what lies on its stack stays as it is over switches, ids are never given twice. */
#include "stress.h"

enum { DEPTH = 4, CHILDREN = 3, PATTERN = 64, IDS = 1 << 20 };

typedef struct Round {
    uint64_t seed;
    gr_waitgroup alive;
    _Atomic uint32_t born, ran;
} Round;

typedef struct Node {
    Round *r;
    int depth;
    uint64_t stream;
} Node;

static _Atomic bool id_seen[IDS]; /* over all rounds; larger ids are not checked */

static void note_id(void) {
    uint64_t id = gr_goid();
    STRESS_CHECK(id > 1);
    if (id < IDS)
        STRESS_CHECK(!atomic_exchange(&id_seen[id], true));
}

static void grow(void *arg);

static void start_child(Round *r, int depth, Rand *rnd) {
    static const size_t stacks[] = {0, 0, 0, 4096, 24576, 65536};
    Node *n = must_alloc(sizeof *n);
    *n = (Node){r, depth, (uint64_t)rand_below(rnd, 1u << 30)};
    atomic_fetch_add(&r->born, 1);
    gr_waitgroup_add(&r->alive, 1);
    size_t stack = stacks[rand_below(rnd, sizeof stacks / sizeof *stacks)];
    if (stack)
        gr_go_stack(grow, n, stack);
    else
        gr_go(grow, n);
}

/* Recurses with a pattern in every frame and leaves at the bottom, by return or for good. */
static void dive(Round *r, Rand *rnd, int levels, bool leave) {
    volatile uint32_t pattern[PATTERN];
    uint32_t key = rand_below(rnd, UINT32_MAX);
    for (uint32_t i = 0; i < PATTERN; i++)
        pattern[i] = key + i;
    rand_yield(rnd);
    if (levels > 0) {
        dive(r, rnd, levels - 1, leave);
    } else if (leave) {
        atomic_fetch_add(&r->ran, 1);
        gr_waitgroup_done(&r->alive);
        gr_goexit();
    }
    rand_yield(rnd);
    for (uint32_t i = 0; i < PATTERN; i++)
        STRESS_CHECK(pattern[i] == key + i);
}

static void grow(void *arg) {
    Node n = *(Node *)arg;
    free(arg);
    Rand rnd = rand_of(n.r->seed, n.stream);
    note_id();
    if (n.depth > 0)
        for (int i = 0; i < CHILDREN; i++)
            start_child(n.r, n.depth - 1, &rnd);
    dive(n.r, &rnd, (int)rand_below(&rnd, 3), rand_below(&rnd, 3) == 0);
    atomic_fetch_add(&n.r->ran, 1);
    gr_waitgroup_done(&n.r->alive);
}

static void run_round(uint64_t seed) {
    Round *r = must_alloc(sizeof *r);
    Rand rnd = rand_of(seed, 99);
    r->seed = seed;
    for (int i = 0; i < 3; i++)
        start_child(r, DEPTH, &rnd);
    gr_waitgroup_wait(&r->alive);
    STRESS_CHECK(atomic_load(&r->born) == atomic_load(&r->ran));
    free(r);
}

int gr_main(int argc, char **argv) { return stress_main("churn", argc, argv, 20, run_round); }
