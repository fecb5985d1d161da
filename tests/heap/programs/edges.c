/* edges: one case by its name; each prints "ok". What is at the edges of the heap: how blocks are aligned, cleanups
 * that end their goroutine, many of them, what keeps blocks where one would not think of it. */
#include "heap.h"
#include <stdalign.h>
#include <stddef.h>

enum { N = 8, ALIGN = alignof(max_align_t) };

/* ---- alignment ----------------------------------------------------------------------------------------------- */

static void require_aligned(const void *p, size_t n) {
    if ((uintptr_t)p % (n < 16 ? 8 : ALIGN) == 0)
        return;
    printf("%zu bytes at ...%03x\n", n, (unsigned)((uintptr_t)p & 0xfff));
    exit(1);
}

typedef struct Three {
    uint64_t of[3];
} Three;

static const size_t first[] = {0};
static const gr_layout pointers = {sizeof(void *), 1, first};

static void aligned(void) {
    for (size_t n = 1; n <= 70000; n += n < 2000 ? 1 : 13)
        for (int i = 0; i < 3; i++) {
            require_aligned(gr_alloc(n), n);
            require_aligned(gr_make(char, n), n);
            require_aligned(gr_alloc_layout(n, &pointers), n);
            require_aligned(gr_realloc(gr_alloc(n / 2 + 1), n), n);
            require_aligned(gr_realloc(gr_new(Three), n), n);
        }
    for (size_t n = 1; n <= 70000; n++)
        require_aligned(gr_alloc_noscan(n), n);
}

/* ---- cleanups ------------------------------------------------------------------------------------------------ */

static _Atomic int called[5], ran_deferred;

static void recovers(void *arg) {
    (void)arg;
    REQUIRE(strcmp(gr_recover(), "in a cleanup") == 0);
}
static void counts_deferred(void *arg) {
    (void)arg;
    ran_deferred++;
}
static void ends(void *arg) {
    (void)arg;
    gr_goexit();
}

static void cleanup(void *arg) {
    int how = (int)(intptr_t)arg;
    called[how]++;
    if (how == 0)
        gr_goexit();
    if (how == 1) {
        gr_defer(recovers, NULL);
        gr_panic("in a cleanup");
    }
    if (how == 2)
        gr_defer(counts_deferred, NULL);
    if (how == 3)
        gr_defer(ends, NULL);
}

enum { EACH = 10 };

NOINLINE static void make_cleanups(void) {
    for (intptr_t i = 0; i < 5 * EACH; i++)
        gr_cleanup_add(gr_alloc(40), cleanup, (void *)(i % 5));
}

/* However each ends, the others are called. */
static void cleanups_that_end(void) {
    make_cleanups();
    int n = 0;
    for (int i = 0; i < 200 && n < 5 * EACH - 2; i++) {
        collect();
        n = called[0] + called[1] + called[2] + called[3] + called[4];
    }
    REQUIRE(n >= 5 * EACH - 2); /* one may be pointed to by chance */
    REQUIRE(ran_deferred == called[2]);
    REQUIRE(gr_numgoroutine() == 1);
}

static void never(void *arg) {
    (void)arg;
    REQUIRE(!"a cleanup that was stopped is called");
}

/* It takes no time that grows with how many there are. */
static void many_stopped(void) {
    enum { MANY = 200000 };
    gr_cleanup *all = malloc(MANY * sizeof *all);
    void **kept = gr_make(void *, MANY);
    for (int i = 0; i < MANY; i++)
        all[i] = gr_cleanup_add(kept[i] = gr_alloc(16), never, NULL);
    for (int i = 0; i < MANY; i++)
        gr_cleanup_stop(all[(size_t)i * 7919 % MANY]);
    for (int i = 0; i < MANY; i++) /* once more is nothing */
        gr_cleanup_stop(all[i]);
    kept = NULL;
    free(all);
    collect();
}

/* ---- what keeps a block -------------------------------------------------------------------------------------- */

static _Atomic int checked;

static void check_block(void *arg) {
    uint64_t *block = arg;
    REQUIRE(block[0] == MAGIC + (uint64_t)atomic_fetch_add(&checked, 1));
}

static void defers_many(void *arg) {
    int n = *(int *)arg;
    for (int i = n; i-- > 0;) {
        uint64_t *block = gr_alloc(64);
        block[0] = MAGIC + (uint64_t)i;
        gr_defer(check_block, block);
    }
    gr_gc();
    overwrite();
}

static int64_t stopped_with(int n) {
    atomic_store(&checked, 0);
    gr_waitgroup wg = {0};
    gr_gc_stats s;
    gr_waitgroup_go(&wg, defers_many, &n);
    gr_waitgroup_wait(&wg);
    REQUIRE(atomic_load(&checked) == n);
    gr_read_gc_stats(&s);
    return s.longest_stopped_ns;
}

/* One after the other would be looked for from the beginning each time: 0.7 s of a stopped world. */
static void many_deferred(void) { REQUIRE(stopped_with(20000) < 200 * GR_MILLISECOND); }

NOINLINE static uintptr_t root_of(bool layout, int n) {
    static const gr_layout nothing = {sizeof(void *), 0, NULL};
    Watched **block =
        layout ? gr_alloc_layout((size_t)n * sizeof *block, &nothing) : gr_alloc_noscan((size_t)n * sizeof *block);
    for (int i = 0; i < n; i++)
        block[i] = watched(i);
    gr_root(block, (size_t)n * sizeof *block);
    return hidden(block);
}

/* A range that is a block of another kind counts as a place where pointers are. */
static void blocks_as_roots(void) {
    for (int layout = 0; layout < 2; layout++) {
        fresh_numbers();
        uintptr_t hide = root_of(layout, N);
        collect();
        REQUIRE(count_gone(0, N) == 0);
        for (int i = 0; i < N; i++)
            require_whole(((Watched **)~hide)[i], i);
        gr_unroot((void *)~hide, N * sizeof(Watched *));
    }
}

NOINLINE static void begin_text(void) {
    char *text = gr_alloc_noscan(64);
    strcpy(text, "one two three");
    REQUIRE(strcmp(strtok(text, " "), "one") == 0);
}

/* The C library's own variables. */
static void text_in_the_library(void) {
    begin_text();
    collect();
    const char *next = strtok(NULL, " ");
    REQUIRE(next && strcmp(next, "two") == 0);
}

/* ---- system calls -------------------------------------------------------------------------------------------- */

static Watched *_Atomic slot;
static _Atomic int entered, come_out, moved, collected;

static void moves(void *arg) {
    (void)arg;
    gr_entersyscall();
    atomic_store(&entered, 1);
    while (!atomic_load(&come_out)) /* till the only P has been taken */
        ;
    Watched *w = slot;
    slot = NULL;
    atomic_store(&moved, 1);
    gr_exitsyscall();
    while (!atomic_load(&collected))
        gr_yield();
    require_whole(w, 0);
    atomic_store(&moved, 2);
}

NOINLINE static void fill_slot(void) { slot = watched(0); }

/* What it has found in the call is on its own stack when it waits for a P. */
static void waits_for_a_p(void) {
    for (int round = 0; round < 20; round++) {
        fresh_numbers();
        fill_slot();
        scrub();
        entered = come_out = moved = collected = 0;
        gr_gc();
        gr_go(moves, NULL);
        while (!atomic_load(&entered))
            gr_yield();
        atomic_store(&come_out, 1);
        while (!atomic_load(&moved))
            ;
        for (volatile int i = 0; i < 1000000; i++) /* it comes out; too short to be preempted for it */
            ;
        gr_gc();
        overwrite();
        gr_gc();
        atomic_store(&collected, 1);
        while (atomic_load(&moved) < 2)
            gr_yield();
    }
}

/* ---- all at once --------------------------------------------------------------------------------------------- */

static void nothing(void *arg) { (void)arg; }

static void adds_and_stops(void *arg) {
    (void)arg;
    void **kept = gr_make(void *, 256);
    for (int round = 0; round < 20; round++)
        for (int i = 0; i < 256; i++) {
            if (!kept[i] || i % 3 == 0)
                kept[i] = gr_alloc(100);
            gr_cleanup c = gr_cleanup_add(kept[i], nothing, NULL);
            if (i % 2)
                gr_cleanup_stop(c);
        }
}

static void sets(void *arg) {
    (void)arg;
    for (int i = 0; i < 100; i++) {
        gr_gc_stats s;
        gr_gc_percent(50 + i % 50);
        gr_memory_limit((int64_t)(1000 + i) << 20);
        gr_read_gc_stats(&s);
        gr_yield();
    }
}

/* For a sanitizer: cleanups, settings and sweeping beside each other. */
static void at_once(void) {
    gr_waitgroup wg = {0};
    for (int i = 0; i < 4; i++)
        gr_waitgroup_go(&wg, adds_and_stops, NULL);
    for (int i = 0; i < 2; i++)
        gr_waitgroup_go(&wg, sets, NULL);
    for (int i = 0; i < 20; i++)
        gr_gc();
    gr_waitgroup_wait(&wg);
}

/* ---- collecting, and others ---------------------------------------------------------------------------------- */

typedef struct Tree {
    struct Tree *left, *right;
} Tree;

static Tree *tree(int depth) {
    Tree *t = gr_new(Tree);
    if (depth > 0) {
        t->left = tree(depth - 1);
        t->right = tree(depth - 1);
    }
    return t;
}

static Tree *volatile of_all;
static _Atomic uint64_t victim;
static _Atomic bool over;
static _Atomic int collected;

static void collects(void *arg) {
    atomic_store(&victim, gr_goid());
    while (!atomic_load(&over)) {
        if (arg)
            gr_gc();
        else
            of_all = tree(10); /* and helps to mark */
    }
}

static void is_called(void *arg) {
    if (arg)
        gr_gc();
    collected++;
}

/* Whoever is suspended in the middle of a collection would have all wait for it, the one that suspends it too. */
static void debug_calls_while_collecting(void) {
    of_all = tree(14);
    for (int kind = 0; kind < 2; kind++) {
        atomic_store(&over, false);
        atomic_store(&victim, 0);
        gr_waitgroup wg = {0};
        gr_waitgroup_go(&wg, collects, kind ? &over : NULL);
        while (!atomic_load(&victim))
            gr_yield();
        for (int i = 0; i < 200; i++)
            REQUIRE(gr_debug_call(atomic_load(&victim), is_called, i % 4 ? NULL : &over));
        atomic_store(&over, true);
        gr_waitgroup_wait(&wg);
    }
    REQUIRE(collected == 400);
}

static void ends_soon(void *ids) {
    uint64_t me = gr_goid();
    gr_chan_send(ids, &me);
    for (int i = 0; i < 20; i++)
        gr_yield();
}

/* False when it has ended: nobody waits for one that is gone. */
static void debug_calls_until_it_ends(void) {
    gr_chan *ids = gr_chan_make(sizeof(uint64_t), 0);
    for (int i = 0; i < 100; i++) {
        uint64_t id;
        gr_go(ends_soon, ids);
        gr_chan_recv(ids, &id);
        while (gr_debug_call(id, is_called, NULL))
            ;
    }
}

static uint64_t cycles(void) {
    gr_gc_stats s;
    gr_read_gc_stats(&s);
    return s.cycles;
}

static void drops(void *arg) {
    (void)arg;
    while (!atomic_load(&over))
        of_all = tree(8);
}

static void off_is_off(void) {
    gr_waitgroup wg = {0};
    for (int i = 0; i < 3; i++)
        gr_waitgroup_go(&wg, drops, NULL);
    for (int i = 0; i < 50; i++) {
        gr_gc_percent(20);
        gr_sleep((200 + i % 7 * 50) * GR_MICROSECOND);
        gr_gc_percent(-1);
        uint64_t then = cycles();
        gr_sleep(2 * GR_MILLISECOND);
        REQUIRE(cycles() == then);
    }
    atomic_store(&over, true);
    gr_waitgroup_wait(&wg);
}

static void wishes(void *arg) {
    (void)arg;
    gr_gc();
}

/* The one after the cycle that runs does for all who have called. */
static void one_cycle_for_many(void) {
    gr_waitgroup wg = {0};
    of_all = tree(8);
    for (int i = 0; i < 64; i++)
        gr_waitgroup_go(&wg, wishes, NULL);
    gr_waitgroup_wait(&wg);
    REQUIRE(cycles() >= 1 && cycles() < 32);
}

/* A cycle has its workers for the Ps there are: their number changes before it or after it. */
static void procs_beside_cycles(void) {
    gr_waitgroup wg = {0};
    Tree *kept = tree(14);
    gr_waitgroup_go(&wg, drops, NULL);
    for (int i = 0; i < 100; i++)
        gr_gomaxprocs(1 + i * 5 % 8);
    atomic_store(&over, true);
    gr_waitgroup_wait(&wg);
    int depth = 0;
    for (Tree *t = kept; t; t = depth % 2 ? t->left : t->right)
        depth++;
    REQUIRE(depth == 15);
}

NOINLINE static void drop_large(size_t mb) {
    char *p = gr_alloc_noscan((mb << 20) + 100);
    p[0] = 1;
}

/* What has been dropped is put together, over the borders of what the system gave at a time: else each of these would
 * be new memory, 930 MB in all. Some are kept by chance (docs/heap.md). */
static void larger_each_time(void) {
    for (size_t mb = 2; mb <= 60; mb += 2) {
        drop_large(mb);
        gr_gc();
    }
    gr_gc_stats s;
    gr_read_gc_stats(&s);
    REQUIRE(s.system_bytes < (uint64_t)400 << 20);
}

static _Atomic int links;

static void counts_link(void *arg) {
    (void)arg;
    links++;
}

static void make_chain(void *n) {
    void *last = NULL;
    for (int i = 0; i < *(int *)n; i++) {
        void *p = gr_alloc(64);
        gr_cleanup_add(p, counts_link, last);
        last = p;
    }
}

/* Each is the argument of the next one's cleanup: called, that keeps it no longer. */
static void chain_of_cleanups(void) {
    int n = 20;
    gr_waitgroup wg = {0};
    gr_waitgroup_go(&wg, make_chain, &n);
    gr_waitgroup_wait(&wg);
    for (int i = 0; i < 100 && links < n; i++) {
        gr_gc();
        gr_sleep(GR_MILLISECOND);
    }
    REQUIRE(links >= n - 1);
}

static void waits_for_ever(void *arg) {
    (void)arg;
    gr_chan_recv(NULL, NULL);
}

NOINLINE static void make_waiting(void *arg) {
    (void)arg;
    for (int i = 0; i < 10; i++) /* of one there may be a pointer by chance */
        gr_cleanup_add(gr_alloc(40), waits_for_ever, NULL);
}

static void cleanup_that_waits(void) {
    gr_waitgroup wg = {0};
    gr_waitgroup_go(&wg, make_waiting, NULL);
    gr_waitgroup_wait(&wg);
    gr_gc();
    gr_chan_recv(NULL, NULL);
}

static const struct {
    const char *name;
    void (*fn)(void);
} cases[] = {
#define T(fn)                                                                                                          \
    { #fn, fn }
    T(aligned),
    T(cleanups_that_end),
    T(many_stopped),
    T(many_deferred),
    T(blocks_as_roots),
    T(text_in_the_library),
    T(waits_for_a_p),
    T(at_once),
    T(debug_calls_while_collecting),
    T(debug_calls_until_it_ends),
    T(off_is_off),
    T(one_cycle_for_many),
    T(procs_beside_cycles),
    T(larger_each_time),
    T(chain_of_cleanups),
    T(cleanup_that_waits),
};

int gr_main(int argc, char **argv) {
    for (size_t i = 0; argc > 1 && i < sizeof cases / sizeof *cases; i++)
        if (!strcmp(argv[1], cases[i].name)) {
            now_tested = cases[i].name;
            cases[i].fn();
            puts("ok");
        }
    return 0;
}
