/* churn: a few goroutines allocate, link, hand on and drop blocks while cycles run all the time: short, for many
 * seeds. A block carries a number, and who points to it knows that number: a block that was freed in use shows. What
 * is done between two looks, where blocks are only in places of one kind, goes by the seed. */
#include "heap.h"

enum { WORKERS = 4, SLOTS = 6, STEPS = 30, KIDS = 3 };

typedef struct Block {
    uint64_t number;
    struct Block *kid[KIDS];
    uint64_t kid_number[KIDS];
    char *text; /* without pointers; its bytes are the number's lowest */
} Block;

typedef struct Ref {
    Block *block;
    uint64_t number;
} Ref;

static gr_mutex lock;
static Ref slots[SLOTS];
static gr_chan *passing;
static _Atomic uint64_t numbers;
static _Thread_local Ref own;
static gr_waitgroup all;
static gr_pool pool;

/* With the lock. */
static void check_below(Ref r, int depth) {
    if (!r.block)
        return;
    REQUIRE(r.block->number == r.number);
    REQUIRE(r.block->text[0] == (char)r.number && r.block->text[4] == (char)r.number);
    for (int i = 0; i < KIDS && depth > 0; i++)
        check_below((Ref){r.block->kid[i], r.block->kid_number[i]}, depth - 1);
}

static void check_ref(Ref r, int depth) {
    gr_mutex_lock(&lock);
    check_below(r, depth);
    gr_mutex_unlock(&lock);
}

static Ref make(uint32_t r) {
    Ref made = {r & 1 ? gr_new(Block) : gr_alloc(sizeof(Block) + (r & 2 ? 40000 : 0)), 0};
    made.number = made.block->number = atomic_fetch_add(&numbers, 1) + 1;
    made.block->text = gr_alloc_noscan(5 + (r >> 4 & 63));
    memset(made.block->text, (int)(char)made.number, 5);
    return made;
}

static void link_to(Ref from, uint32_t i, Ref to) {
    from.block->kid[i % KIDS] = to.block;
    from.block->kid_number[i % KIDS] = to.number;
}

static Ref take_slot(uint32_t i) {
    gr_mutex_lock(&lock);
    Ref r = slots[i % SLOTS];
    gr_mutex_unlock(&lock);
    return r;
}

/* Returns what was there. */
static Ref put_slot(uint32_t i, Ref r) {
    gr_mutex_lock(&lock);
    Ref old = slots[i % SLOTS];
    slots[i % SLOTS] = r;
    gr_mutex_unlock(&lock);
    return old;
}

static void started_with(void *arg) {
    Block *b = arg;
    check_ref((Ref){b, b->number}, 2);
    gr_waitgroup_done(&all);
}

static void host_call(void *arg) { (void)arg; }

static void seq(gr_yield_fn *yield, void *arg) {
    Ref mine = {arg, ((Block *)arg)->number};
    for (uint32_t i = 0; i < 3; i++) {
        Ref more = make(i);
        link_to(more, i, mine);
        if (!yield(&more))
            break;
        check_ref(mine, 2);
        check_ref(more, 2);
    }
}

static void pull(Ref r) {
    gr_iter *it = gr_pull(seq, r.block, sizeof(Ref));
    for (Ref got; gr_next(it, &got);)
        check_ref(got, 2);
    gr_stop(it);
}

static void step(uint32_t r) {
    Ref a = make(r), b = take_slot(r >> 8);
    link_to(a, r >> 10, b);
    switch (r >> 13 & 15) {
    case 0: /* out of a slot, and nowhere else for a while */
        b = put_slot(r >> 8, (Ref){0});
        gr_yield();
        check_ref(b, 2);
        put_slot(r >> 20, b);
        break;
    case 1:
        gr_waitgroup_add(&all, 1);
        gr_go(started_with, a.block);
        break;
    case 2:
        gr_waitgroup_add(&all, 1);
        gr_after_func(2 * GR_MICROSECOND, started_with, a.block);
        break;
    case 3:
        gr_blocking(host_call, NULL);
        check_ref(a, 2);
        break;
    case 4:
        pull(a);
        break;
    case 5:
        own = a;
        break;
    case 6:
        check_ref(own, 3);
        own = (Ref){0};
        break;
    case 7:
        gr_pool_put(&pool, a.block);
        break;
    case 8: {
        Block *p = gr_pool_get(&pool);
        if (p)
            check_ref((Ref){p, p->number}, 2);
        break;
    }
    case 9: /* rewired while marking may be on: from the old place to a new block, and gone from the old */
        gr_mutex_lock(&lock);
        if (b.block) {
            link_to(a, 0, (Ref){b.block->kid[1], b.block->kid_number[1]});
            link_to(b, 1, (Ref){0});
        }
        gr_mutex_unlock(&lock);
        break;
    case 10:
        gr_gc();
        break;
    default:
        gr_select((gr_case[]){{.op = GR_SEND, .chan = passing, .val = &a}, {.op = GR_RECV, .chan = passing, .val = &b}},
                  2, true);
    }
    check_ref(a, 3);
    check_ref(b, 3);
    put_slot(r >> 17, a);
}

static void deferred(void *arg) { check_ref((Ref){arg, ((Block *)arg)->number}, 2); }

static void worker(void *arg) {
    uint32_t r = (uint32_t)(uintptr_t)arg;
    gr_defer(deferred, make(r).block);
    for (int i = 0; i < STEPS; i++) {
        r = r * 1664525 + 1013904223;
        step(r ^ r >> 7);
    }
}

int gr_main(int argc, char **argv) {
    now_tested = "churn";
    gr_gc_percent(argc > 1 ? atoi(argv[1]) : 1);
    passing = gr_chan_make(sizeof(Ref), 3);
    uint32_t seed = (uint32_t)gr_now();
    for (uint32_t i = 0; i < WORKERS; i++)
        gr_waitgroup_go(&all, worker, (void *)(uintptr_t)(seed + i * 77777 + 1));
    gr_waitgroup_wait(&all);
    for (uint32_t i = 0; i < SLOTS; i++)
        check_ref(take_slot(i), 4);
    gr_gc();
    puts("churn");
    return 0;
}
