/* roots: a block lives while the only pointer to it is in a place of each kind that counts (runtime/heap/roots.c),
 * and goes when it is there no more. One line for each kind; an argument runs one alone. --parallel: the Ps are
 * threads, so a goroutine may wait in a system call for another. */
#include "heap.h"
#include <setjmp.h>

static int number_of(const Watched *w) { return (int)(w->magic - MAGIC) - base; }

enum { N = 8 }; /* blocks of each kind */

static bool parallel;

/* They live, whatever is collected. hide[i]: where they are; from here on nobody else points to them. */
static void require_all(const uintptr_t *hide) {
    collect();
    for (int i = 0; i < N; i++)
        require_whole((Watched *)~hide[i], i);
}

/* In wasm all addresses are small numbers: some word that is none, left on a stack, is one of a large block to some
 * place more easily than natively. */
#ifdef __wasm__
enum { STAY = 1, ALL_STAY = 8 };
#else
enum { STAY = 0, ALL_STAY = 0 };
#endif
static int may_stay; /* of the test's large blocks; ALL_STAY: what keeps them keeps all others */

/* One or two may be taken for pointed to by what is left of calls. */
NOINLINE static bool most_gone(void) {
    collect();
    return count_gone(0, N) >= N - 2 - may_stay;
}
/* A look may find what the moment has left somewhere, and cleanups run when their goroutine does. */
NOINLINE static void require_most_gone(void) {
    bool gone = false;
    for (int i = 0; i < 5 && !gone; i++)
        gone = most_gone();
    REQUIRE(gone);
}
/* A function may begin by storing whatever a register holds. */
static inline void require_gone(void) {
    scrub();
    require_most_gone();
}

static void (*called)(int);
static gr_chan *has_been_called;

static void call_there(void *arg) {
    called((int)(intptr_t)arg);
    gr_chan_send(has_been_called, NULL);
}

/* On a goroutine of its own: compilers leave what it has held in their frames, and inline it into others. */
static void elsewhere(void (*fn)(int), int arg) {
    called = fn;
    has_been_called = gr_chan_make(0, 0);
    gr_go(call_there, (void *)(intptr_t)arg);
    gr_chan_recv(has_been_called, NULL);
    gr_chan_free(has_been_called);
}

/* ---- stacks -------------------------------------------------------------------------------------------------- */

static gr_chan *arrived, *go_on;

/* Each frame holds one block, far below the others. */
NOINLINE static void deeper(int depth, int first) {
    volatile char room[300];
    room[0] = (char)depth;
    Watched *w = watched(first + depth);
    if (depth + 1 < N) {
        deeper(depth + 1, first);
    } else {
        scrub();
        gr_chan_send(arrived, NULL);
        gr_chan_recv(go_on, NULL);
    }
    REQUIRE(room[0] == (char)depth);
    require_whole(w, first + depth);
}

/* A thousand frames more, so that the stack has grown. */
NOINLINE static int far_below(int n, int first) {
    volatile char room[200];
    room[n % 200] = 1;
    if (n == 0)
        deeper(0, first);
    else
        far_below(n - 1, first);
    return room[n % 200];
}

static void parked_body(void *arg) { far_below((int)(intptr_t)arg, 0); }

static void parked(int frames) {
    arrived = gr_chan_make(0, 0);
    go_on = gr_chan_make(0, 0);
    gr_go_stack(parked_body, (void *)(intptr_t)frames, frames > 100 ? 1 << 20 : 0);
    gr_chan_recv(arrived, NULL);
    collect();
    REQUIRE(count_gone(0, N) == 0);
    gr_chan_send(go_on, NULL);
    require_gone();
    gr_chan_free(arrived);
    gr_chan_free(go_on);
}

static void stack_of_one_parked(void) { parked(0); }
static void stack_that_has_grown(void) { parked(1000); }

static _Atomic int preempted_stop;

static void spins(void *arg) {
    (void)arg;
    Watched *w = watched(0);
    scrub();
    gr_chan_send(arrived, NULL);
    for (gr_mutex m = {0}; !atomic_load(&preempted_stop); gr_mutex_unlock(&m))
        gr_mutex_lock(&m); /* takes simulated time, as gr_safepoint does not */
    require_whole(w, 0);
    gr_chan_send(arrived, NULL);
}

static void stack_of_one_preempted(void) {
    arrived = gr_chan_make(0, 0);
    atomic_store(&preempted_stop, 0);
    gr_go(spins, NULL);
    gr_chan_recv(arrived, NULL);
    collect();
    REQUIRE(count_gone(0, 1) == 0);
    atomic_store(&preempted_stop, 1);
    gr_chan_recv(arrived, NULL);
    gr_chan_free(arrived);
}

/* Of who collects. */
NOINLINE static void own_frame(int unused) {
    (void)unused;
    Watched *w[N];
    for (int i = 0; i < N; i++)
        w[i] = watched(i);
    collect();
    for (int i = 0; i < N; i++)
        require_whole(w[i], i);
}
static void stack_of_who_collects(void) {
    elsewhere(own_frame, 0);
    require_gone();
}

/* ---- system calls -------------------------------------------------------------------------------------------- */

static _Atomic int in_call, collected;

static void waits_in_host(void *arg) {
    (void)arg;
    atomic_store(&in_call, 1);
    for (long i = 0; parallel && !atomic_load(&collected) && i < 2000000000; i++)
        __asm__ volatile("" ::: "memory");
}

NOINLINE static void calls_host(void) {
    Watched *w[N];
    for (int i = 0; i < N; i++)
        w[i] = watched(i);
    scrub();
    gr_blocking(waits_in_host, NULL);
    for (int i = 0; i < N; i++)
        require_whole(w[i], i);
}

static void caller(void *arg) {
    (void)arg;
    calls_host();
    gr_chan_send(arrived, NULL);
}

static void stack_of_one_in_a_system_call(void) {
    arrived = gr_chan_make(0, 0);
    for (int round = 0; round < 3; round++) {
        fresh_numbers();
        atomic_store(&in_call, 0);
        atomic_store(&collected, 0);
        gr_go(caller, NULL);
        while (!atomic_load(&in_call))
            gr_yield();
        gr_gc();
        overwrite();
        gr_gc();
        atomic_store(&collected, 1);
        gr_chan_recv(arrived, NULL);
    }
    require_gone();
    gr_chan_free(arrived);
}

/* ---- coroutines ---------------------------------------------------------------------------------------------- */

static void inner_seq(gr_yield_fn *yield, void *arg) {
    Watched *w = watched((int)(intptr_t)arg);
    for (int i = 0; i < 3; i++) {
        scrub();
        if (i == 1)
            collect(); /* while all outer ones wait, the frames of some on the thread's stack */
        if (!yield(&i))
            break;
        require_whole(w, (int)(intptr_t)arg);
    }
}

static void outer_seq(gr_yield_fn *yield, void *arg) {
    int depth = (int)(intptr_t)arg;
    Watched *w = watched(depth);
    gr_iter *it = depth + 2 < N ? gr_pull(outer_seq, (void *)(intptr_t)(depth + 1), sizeof(int))
                                : gr_pull(inner_seq, (void *)(intptr_t)(depth + 1), sizeof(int));
    int v;
    while (gr_next(it, &v)) {
        require_whole(w, depth);
        if (!yield(&v))
            break;
    }
    gr_stop(it);
    require_whole(w, depth);
}

static void stacks_of_coroutines(void) {
    gr_iter *it = gr_pull(outer_seq, NULL, sizeof(int));
    int v, n = 0;
    while (gr_next(it, &v)) {
        REQUIRE(v == n++);
        collect();
        REQUIRE(count_gone(0, N) == 0);
    }
    REQUIRE(n == 3);
    gr_stop(it);
    require_gone();
}

/* What a sequence gets is only in its iterator until it begins. */
static void seq_of_block(gr_yield_fn *yield, void *arg) {
    require_whole(arg, 0);
    yield(&arg);
}
NOINLINE static gr_iter *not_begun(void) { return gr_pull(seq_of_block, watched(0), sizeof(void *)); }
static void argument_of_a_sequence(void) {
    gr_iter *it = not_begun();
    collect();
    REQUIRE(count_gone(0, 1) == 0);
    Watched *w;
    REQUIRE(gr_next(it, &w));
    require_whole(w, 0);
    gr_stop(it);
}

/* ---- setjmp -------------------------------------------------------------------------------------------------- */

static jmp_buf env;

NOINLINE static void jump_back(int n) {
    collect();
    longjmp(env, n);
}

NOINLINE static void jumping(void) {
    Watched *volatile w[N];
    for (int i = 0; i < N; i++)
        w[i] = watched(i);
    Watched *kept = w[0]; /* not changed in between: it must be there after */
    int n = setjmp(env);
    if (n < 3)
        jump_back(n + 1);
    require_whole(kept, 0);
    for (int i = 0; i < N; i++)
        require_whole(w[i], i);
}
static void setjmp_and_longjmp(void) {
    jumping();
    require_gone();
}

/* ---- variables ----------------------------------------------------------------------------------------------- */

/* No lists: what is left on a stack of one pointer would keep all. */
static Watched *globals[N];
static _Thread_local Watched *own[N];

NOINLINE static void make_each(Watched **each, uintptr_t *hide) {
    for (int i = 0; i < N; i++) {
        each[i] = watched(i);
        hide[i] = hidden(each[i]);
    }
}

static void global_variables(void) {
    uintptr_t hide[N];
    make_each(globals, hide);
    require_all(hide);
    memset(globals, 0, sizeof globals);
    require_gone();
}

static void own_body(void *arg) {
    (void)arg;
    uintptr_t hide[N];
    make_each(own, hide);
    scrub();
    gr_chan_send(arrived, NULL);
    gr_chan_recv(go_on, NULL);
    for (int i = 0; i < N; i++)
        require_whole((Watched *)~hide[i], i);
    memset(own, 0, sizeof own);
    gr_chan_send(arrived, NULL);
}

static void thread_local_variables(void) {
    arrived = gr_chan_make(0, 0);
    go_on = gr_chan_make(0, 0);
    gr_go(own_body, NULL);
    gr_chan_recv(arrived, NULL);
    collect();
    REQUIRE(count_gone(0, N) == 0);
    gr_chan_send(go_on, NULL);
    gr_chan_recv(arrived, NULL);
    require_gone();
    gr_chan_free(arrived);
    gr_chan_free(go_on);
}

/* ---- channels ------------------------------------------------------------------------------------------------ */

NOINLINE static void fill(gr_chan *c, uintptr_t *hide) {
    for (int i = 0; i < N; i++) {
        Watched *w = watched(i);
        hide[i] = hidden(w);
        send_pointer(c, w);
    }
}

NOINLINE static void drain(gr_chan *c) {
    for (int i = 0; i < N; i++)
        require_whole(receive_pointer(c), i);
}

static void buffer_of_a_channel(void) {
    uintptr_t hide[N];
    gr_chan *c = chan_of_pointers(N);
    fill(c, hide);
    require_all(hide);
    drain(c);
    gr_chan_free(c);
    require_gone();
}

static void sends_own(void *arg) {
    int i = (int)(intptr_t)arg;
    send_pointer(go_on, watched(i));
}

static void element_of_who_waits_to_send(void) {
    go_on = chan_of_pointers(0);
    for (int i = 0; i < N; i++) {
        gr_go(sends_own, (void *)(intptr_t)i);
        gr_sleep(GR_MILLISECOND);
    }
    collect();
    REQUIRE(count_gone(0, N) == 0);
    for (int i = 0; i < N; i++) {
        Watched *w = receive_pointer(go_on);
        require_whole(w, number_of(w));
    }
    gr_chan_free(go_on);
}

/* ---- arguments ----------------------------------------------------------------------------------------------- */

static void has_argument(void *arg) {
    Watched *w = arg;
    gr_sleep(GR_MILLISECOND); /* a cycle that has begun before is over then */
    overwrite();
    require_whole(w, number_of(w));
    gr_chan_send(arrived, NULL);
}

NOINLINE static void start_all(void) {
    for (int i = 0; i < N; i++)
        gr_go(has_argument, watched(i));
}

static void argument_of_a_goroutine_not_begun(void) {
    arrived = gr_chan_make(0, N);
    start_all();
    gr_gc();
    overwrite();
    gr_gc();
    for (int i = 0; i < N; i++)
        gr_chan_recv(arrived, NULL);
    require_gone();
    gr_chan_free(arrived);
}

NOINLINE static void start_timers(gr_timer **t) {
    for (int i = 0; i < N; i++)
        t[i] = gr_after_func(20 * GR_MILLISECOND, has_argument, watched(i));
}

static void argument_of_a_timer(void) {
    gr_timer *t[N];
    arrived = gr_chan_make(0, N);
    start_timers(t);
    collect();
    REQUIRE(count_gone(0, N) == 0);
    for (int i = 0; i < N; i++)
        gr_chan_recv(arrived, NULL);
    for (int i = 0; i < N; i++)
        gr_timer_free(t[i]);
    require_gone();
    gr_chan_free(arrived);
}

static gr_waitgroup group;

static void of_waitgroup(void *arg) { has_argument(arg); }

NOINLINE static void start_waitgroup(void) {
    for (int i = 0; i < N; i++)
        gr_waitgroup_go(&group, of_waitgroup, watched(i));
}

static void argument_of_a_waitgroup(void) {
    arrived = gr_chan_make(0, N);
    start_waitgroup();
    gr_gc();
    overwrite();
    gr_waitgroup_wait(&group);
    require_gone();
    gr_chan_free(arrived);
}

NOINLINE static void defer_all(void (*fn)(void *)) {
    for (int i = 0; i < N / 2; i++)
        gr_defer(fn, watched(i));
}

/* What a deferred call defers belongs to it. */
static void defers_more(void *arg) {
    (void)arg;
    for (int i = N / 2; i < N; i++)
        gr_defer(has_argument, watched(i));
    collect();
    REQUIRE(count_gone(N / 2, N) == 0);
}

static void deferring(void *arg) {
    (void)arg;
    defer_all(has_argument);
    gr_defer(defers_more, NULL);
    collect();
    REQUIRE(count_gone(0, N / 2) == 0);
}

static void arguments_of_deferred_calls(void) {
    arrived = gr_chan_make(0, N);
    gr_go(deferring, NULL);
    for (int i = 0; i < N; i++)
        gr_chan_recv(arrived, NULL);
    require_gone();
    gr_chan_free(arrived);
}

/* ---- contexts, pools ----------------------------------------------------------------------------------------- */

static const char keys[N];

NOINLINE static gr_context *nest_values(uintptr_t *hide) {
    gr_context *c = gr_background();
    for (int i = 0; i < N; i++) {
        Watched *w = watched(i);
        hide[i] = hidden(w);
        gr_context *inner = gr_with_value(c, &keys[i], w);
        if (i > 0)
            gr_context_unref(c);
        c = inner;
    }
    return c;
}

static void values_of_contexts(void) {
    uintptr_t hide[N];
    gr_context *c = nest_values(hide);
    require_all(hide);
    for (int i = 0; i < N; i++)
        REQUIRE(gr_context_value(c, &keys[i]) == (void *)~hide[i]);
    gr_context_unref(c);
    require_gone();
}

static void dropped(void *x) { (void)x; }

NOINLINE static void put_all(gr_pool *p, uintptr_t *hide) {
    for (int i = 0; i < N; i++) {
        Watched *w = watched(i);
        hide[i] = hidden(w);
        gr_pool_put(p, w);
    }
}

static void objects_of_a_pool(void) {
    uintptr_t hide[N];
    gr_pool p = {.drop = dropped};
    put_all(&p, hide);
    require_all(hide);
    gr_pool_free(&p);
    require_gone();
}

/* ---- what programs say themselves ---------------------------------------------------------------------------- */

static void memory_of_malloc(void) {
    uintptr_t hide[N];
    Watched **list = calloc(N, sizeof *list);
    gr_root(list, N * sizeof *list);
    make_each(list, hide);
    require_all(hide);
    gr_unroot(list, N * sizeof *list);
    require_gone();
    free(list);
}

static void memory_of_gr_root_alloc(void) {
    uintptr_t hide[N];
    Watched **list = gr_root_alloc(N * sizeof *list);
    memset(list, 0, N * sizeof *list);
    make_each(list, hide);
    require_all(hide);
    gr_root_free(list);
    require_gone();
}

NOINLINE static uintptr_t root_a_block(void) {
    Watched *w = watched(0);
    w->next = watched(1);
    gr_root(w, sizeof *w);
    return hidden(w);
}

static void a_block_as_root(void) {
    uintptr_t hide = root_a_block();
    collect();
    REQUIRE(count_gone(0, 2) == 0);
    gr_unroot((void *)~hide, sizeof(Watched));
}

static _Atomic int cleaned;
static void clean(void *arg) {
    REQUIRE(((Watched *)arg)->magic >> 32 == MAGIC >> 32);
    atomic_store(&cleaned, 1);
}

NOINLINE static void clean_with(void) { gr_cleanup_add(watched(0), clean, watched(1)); }

NOINLINE static void hold_and_collect(void) {
    Watched *w = watched(2), *with = watched(1);
    gr_cleanup_add(w, clean, with);
    with = NULL;
    collect();
    REQUIRE(count_gone(1, 2) == 0);
    gr_keep(w);
}

static void argument_of_a_cleanup(void) {
    hold_and_collect();
    atomic_store(&cleaned, 0);
    clean_with();
    for (int i = 0; i < 20 && !atomic_load(&cleaned); i++)
        collect();
    REQUIRE(atomic_load(&cleaned));
}

/* ---- what a pointer may be ----------------------------------------------------------------------------------- */

static char *pointers[N];

static size_t size_of(int i) { return (size_t)17 << (2 * i); } /* 17 to 278528 */

/* where: 0 the begin, 1 in the middle, 2 the last byte, 3 just behind */
NOINLINE static void make_sized(int where) {
    for (int i = 0; i < N; i++) {
        size_t n = size_of(i);
        char *p = gr_alloc(n);
        for (size_t j = 0; j < n; j++)
            REQUIRE(p[j] == 0);
        memset(p, 0x40 + i, n);
        watch_as(p, i);
        pointers[i] = p + (where == 0 ? 0 : where == 1 ? n / 2 : where == 2 ? n - 1 : n);
    }
}

NOINLINE static void check_sized(int where) {
    for (int i = 0; i < N; i++) {
        size_t n = size_of(i);
        char *p = pointers[i] - (where == 0 ? 0 : where == 1 ? n / 2 : where == 2 ? n - 1 : n);
        for (size_t j = 0; j < n; j++)
            REQUIRE(p[j] == 0x40 + i);
    }
}

static void pointers_to(int where) {
    may_stay = STAY;
    elsewhere(make_sized, where);
    collect();
    REQUIRE(count_gone(0, N) == 0);
    elsewhere(check_sized, where);
    memset(pointers, 0, sizeof pointers);
    require_gone();
}
static void pointers_to_the_begin(void) { pointers_to(0); }
static void pointers_inside(void) { pointers_to(1); }
static void pointers_to_the_last_byte(void) { pointers_to(2); }
static void pointers_just_behind(void) { pointers_to(3); }

/* Parts of a large block are looked into one by one. */
static Watched **large;
NOINLINE static void make_large(int n) {
    large = gr_make(Watched *, (size_t)n);
    for (int i = 0; i < N; i++)
        large[(long)(n - 1) * i / (N - 1)] = watched(i);
}
static void blocks_in_a_large_one(void) {
    may_stay = ALL_STAY;
    elsewhere(make_large, 150000);
    collect();
    REQUIRE(count_gone(0, N) == 0);
    large += 75000; /* a pointer into a part of it */
    collect();
    REQUIRE(count_gone(0, N) == 0);
    large = NULL;
    require_gone();
}

NOINLINE static void make_grown(int most) {
    large = NULL;
    for (size_t n = 1; n <= (size_t)most; n *= 4) {
        large = gr_realloc(large, n * sizeof *large);
        for (size_t i = n / 4; i < n; i++)
            REQUIRE(!large[i]);
        for (size_t i = n / 4; i < n && i < N; i++)
            large[i] = watched((int)i);
        scrub();
        gr_gc();
    }
}
/* What is cut off and comes back is zero. */
static void cut_and_grow(void) {
    char *text = gr_alloc(60);
    memset(text, 'x', 60);
    text = gr_realloc(text, 40);
    text = gr_realloc(text, 60);
    for (int i = 0; i < 60; i++)
        REQUIRE(text[i] == (i < 40 ? 'x' : 0));
}

static void blocks_in_one_that_grows(void) {
    may_stay = ALL_STAY;
    elsewhere(make_grown, 4096);
    collect();
    for (int i = 0; i < N; i++)
        require_whole(large[i], i);
    cut_and_grow();
    large = NULL;
    require_gone();
}

typedef struct Pair {
    uintptr_t number;
    Watched *pointer;
    uintptr_t other; /* looks like one, and is none */
} Pair;
static const size_t pair_offsets[] = {offsetof(Pair, pointer)};
static const gr_layout pair_layout = {sizeof(Pair), 1, pair_offsets};
static Pair *pairs;

NOINLINE static void make_pairs(int n) {
    pairs = gr_alloc_layout((size_t)n * sizeof *pairs, &pair_layout);
    for (int i = 0; i < N; i++)
        pairs[(n - 1) * i / (N - 1)] = (Pair){.pointer = watched(i), .other = (uintptr_t)watched(N + i)};
}

NOINLINE static void grow_pairs(int n) { pairs = gr_realloc(pairs, 2 * (size_t)n * sizeof *pairs); }

NOINLINE static void layouts_of(int n) {
    make_pairs(n);
    collect();
    REQUIRE(count_gone(0, N) == 0);
    REQUIRE(count_gone(N, 2 * N) >= N - 2 - (may_stay > 0 ? 2 : 0));
    grow_pairs(n);
    collect();
    REQUIRE(count_gone(0, N) == 0);
    for (int i = 0; i < N; i++)
        require_whole(pairs[(n - 1) * i / (N - 1)].pointer, i);
    pairs = NULL;
}

static void places_of_a_layout(void) {
    may_stay = ALL_STAY;
    for (int n = N; n <= 20000; n *= 50) {
        fresh_numbers();
        elsewhere(layouts_of, n);
        require_gone();
    }
}

static uintptr_t *no_pointers;
NOINLINE static void make_noscan(int n) {
    no_pointers = gr_alloc_noscan((size_t)n * sizeof *no_pointers);
    for (int i = 0; i < n; i++)
        no_pointers[i] = (uintptr_t)watched(i);
}
static void memory_without_pointers_keeps_nothing(void) {
    elsewhere(make_noscan, N);
    require_gone();
    REQUIRE(no_pointers[N - 1]);
}

/* ---- all ----------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*fn)(void);
} tests[] = {
#define T(fn)                                                                                                          \
    { #fn, fn }
    T(stack_of_one_parked),
    T(stack_that_has_grown),
    T(stack_of_one_preempted),
    T(stack_of_who_collects),
    T(stack_of_one_in_a_system_call),
    T(stacks_of_coroutines),
    T(argument_of_a_sequence),
    T(setjmp_and_longjmp),
    T(global_variables),
    T(thread_local_variables),
    T(buffer_of_a_channel),
    T(element_of_who_waits_to_send),
    T(argument_of_a_goroutine_not_begun),
    T(argument_of_a_timer),
    T(argument_of_a_waitgroup),
    T(arguments_of_deferred_calls),
    T(values_of_contexts),
    T(objects_of_a_pool),
    T(memory_of_malloc),
    T(memory_of_gr_root_alloc),
    T(a_block_as_root),
    T(argument_of_a_cleanup),
    T(pointers_to_the_begin),
    T(pointers_inside),
    T(pointers_to_the_last_byte),
    T(pointers_just_behind),
    T(blocks_in_a_large_one),
    T(blocks_in_one_that_grows),
    T(places_of_a_layout),
    T(memory_without_pointers_keeps_nothing),
};

int gr_main(int argc, char **argv) {
    const char *only = NULL;
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--parallel"))
            parallel = true;
        else
            only = argv[i];
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        if (only && strcmp(only, tests[i].name))
            continue;
        now_tested = tests[i].name;
        fresh_numbers();
        may_stay = 0;
        tests[i].fn();
        printf("%s\n", tests[i].name);
    }
    return 0;
}
