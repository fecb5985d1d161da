/* What C promises each thread, each goroutine gets: errno and thread-local variables, whatever it does in between and
 * wherever it goes on. */
#include "check.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

static gr_waitgroup wg;

/* Ways of leaving the P, or of giving the runtime a reason to touch errno. */
static gr_mutex contended;
static gr_chan *passed;

static void leave(int how) {
    int v = how;
    switch (how % 5) {
    case 0:
        gr_yield();
        break;
    case 1:
        gr_sleep(1000);
        break;
    case 2:
        gr_mutex_lock(&contended);
        gr_yield();
        gr_mutex_unlock(&contended);
        break;
    case 3:
        gr_chan_send(passed, &v);
        break;
    case 4:
        gr_chan_recv(passed, &v);
        break;
    }
}

static void in_many(void (*fn)(void *), int n) {
    passed = gr_chan_make(sizeof(int), 100000);
    for (int i = 0; i < 50000; i++)
        gr_chan_send(passed, &i); /* neither full nor empty by what the goroutines do */
    gr_waitgroup_add(&wg, n);
    for (int i = 1; i <= n; i++)
        gr_go(fn, (void *)(intptr_t)i);
    gr_waitgroup_wait(&wg);
    gr_chan_free(passed);
}

/* ---- errno ---- */

static void keep_errno(void *arg) {
    int mine = (int)(intptr_t)arg;
    CHECK_EQ(errno, 0);
    for (int i = 0; i < 400; i++) {
        errno = mine + i;
        leave(i);
        CHECK_EQ(errno, mine + i);
        gr_yield();
        CHECK_EQ(errno, mine + i);
    }
    errno = 77; /* not for the next goroutine with this stack */
    gr_waitgroup_done(&wg);
}

static void errno_stays(void) {
    for (int round = 0; round < 3; round++)
        in_many(keep_errno, 20);
}

/* As a program does: a function of libc fails, the goroutine waits, then asks why. */
static void ask_libc(void *arg) {
    bool fails = (intptr_t)arg % 2;
    for (int i = 0; i < 200; i++) {
        errno = 0;
        long v = strtol(fails ? "99999999999999999999999999" : "42", NULL, 10);
        leave(i);
        CHECK_EQ(errno, fails ? ERANGE : 0);
        CHECK(fails ? v == LONG_MAX : v == 42);
    }
    gr_waitgroup_done(&wg);
}

static void what_libc_says_stays(void) { in_many(ask_libc, 12); }

#ifdef __EMSCRIPTEN__
static void keep_address(void *arg) {
    int *at = &errno;
    for (int i = 0; i < 200; i++) {
        *at = (int)(intptr_t)arg;
        gr_yield();
        CHECK_EQ(*at, (intptr_t)arg);
        CHECK(at == &errno);
    }
    gr_waitgroup_done(&wg);
}

static void its_address_stays(void) { in_many(keep_address, 12); }
#endif

static void sets_errno(gr_yield_fn *yield, void *arg) {
    CHECK_EQ(errno, 0);
    for (int i = 1; i < 100; i++) {
        errno = 1000 + i;
        if (i % 7 == 0)
            gr_yield();
        if (!yield(&i))
            break;
        CHECK_EQ(errno, 1000 + i);
    }
    (void)arg;
}

static void pull_both(void *arg) {
    int v;
    gr_iter *a = gr_pull(sets_errno, NULL, sizeof v), *b = gr_pull(sets_errno, NULL, sizeof v);
    errno = (int)(intptr_t)arg;
    while (gr_next(a, &v) && gr_next(b, &v))
        CHECK_EQ(errno, (intptr_t)arg);
    gr_stop(a);
    gr_stop(b);
    CHECK_EQ(errno, (intptr_t)arg);
    gr_waitgroup_done(&wg);
}

static void a_sequence_has_its_own(void) { in_many(pull_both, 6); }

static void fails_in_the_host(void *arg) {
    CHECK_EQ(errno, 5);
    errno = *(int *)arg;
}

static void gr_blocking_is_the_same_goroutine(void) {
    for (int i = 0; i < 20; i++) {
        errno = 5;
        gr_blocking(fails_in_the_host, &(int){100 + i});
        CHECK_EQ(errno, 100 + i);
    }
}

static _Atomic uint64_t victim;
static _Atomic int over;

static void be_called(void *arg) {
    (void)arg;
    errno = 33;
    atomic_store(&victim, gr_goid());
    while (!atomic_load(&over)) {
        gr_yield();
        CHECK_EQ(errno, 33);
    }
    gr_waitgroup_done(&wg);
}

static void call_sets_errno(void *arg) { errno = *(int *)arg; }

static void a_debug_call_is_the_callers(void) {
    gr_waitgroup_add(&wg, 1);
    gr_go(be_called, NULL);
    while (!atomic_load(&victim))
        gr_yield();
    errno = 44; /* the call is made by this goroutine */
    for (int i = 0; i < 20; i++)
        CHECK(gr_debug_call(victim, call_sets_errno, &(int){i}));
    CHECK_EQ(errno, 19);
    atomic_store(&over, 1);
    gr_waitgroup_wait(&wg);
}

/* ---- thread-local variables; gcc has no way to give them to goroutines ---- */

#if defined(__clang__)

typedef struct Both {
    int n;
    const char *text;
} Both;

static _Thread_local int number = 5;
static _Thread_local char zeroed[3000];
static _Thread_local Both both = {7, "seven"};
_Thread_local int visible = 11;
static _Thread_local _Alignas(64) char aligned = 'a';
static __thread long long by_its_old_name = -1;

__attribute__((constructor)) static void before_main(void) {
    static volatile int twelve = 12; /* else the compiler runs this itself, and makes 12 everybody's first value */
    visible = twelve;
}

static void goroutine_1_finds_what_constructors_left(void) {
    CHECK_EQ(visible, 12);
    CHECK_EQ(number, 5);
}

static int *count_calls(void) {
    static _Thread_local int calls;
    calls++;
    return &calls;
}

static void keep_variables(void *arg) {
    int mine = (int)(intptr_t)arg;
    CHECK(number == 5 && both.n == 7 && !strcmp(both.text, "seven") && visible == 11 && aligned == 'a');
    CHECK(by_its_old_name == -1 && zeroed[0] == 0 && zeroed[2999] == 0);
    CHECK_EQ((uintptr_t)&aligned % 64, 0);
    for (int i = 0; i < 200; i++) {
        int *at = &number;
        number = mine + i;
        both.n = mine - i;
        visible = i;
        zeroed[2999] = (char)mine;
        by_its_old_name = mine * 1000000000000LL;
        leave(i);
        CHECK_EQ(number, mine + i);
        CHECK_EQ(both.n, mine - i);
        CHECK_EQ(visible, i);
        CHECK_EQ(zeroed[2999], (char)mine);
        CHECK_EQ(by_its_old_name, mine * 1000000000000LL);
        CHECK_EQ(*at, mine + i);
        CHECK(at == &number);
        CHECK_EQ(*count_calls(), i + 1);
    }
    gr_waitgroup_done(&wg);
}

static void variables_stay(void) {
    for (int round = 0; round < 3; round++)
        in_many(keep_variables, 20);
}

static void keep_locked(void *arg) {
    gr_lockosthread();
    gr_waitgroup_add(&wg, 1);
    gr_go(keep_variables, arg); /* not inherited */
    number = -1;
    for (int i = 0; i < 50; i++)
        leave(i);
    CHECK_EQ(number, -1);
    gr_unlockosthread();
    for (int i = 0; i < 50; i++)
        leave(i);
    CHECK_EQ(number, -1);
    gr_waitgroup_done(&wg);
}

static void a_locked_thread_makes_no_difference(void) { in_many(keep_locked, 10); }

static void add_through(void *arg) {
    number = 100000;
    atomic_fetch_add((_Atomic int *)arg, number);
    gr_waitgroup_done(&wg);
}

/* Another goroutine may be given the address of one's own. */
static void an_address_is_good_everywhere(void) {
    static _Thread_local _Atomic int sum;
    atomic_store(&sum, 1);
    gr_waitgroup_add(&wg, 20);
    for (int i = 0; i < 20; i++)
        gr_go(add_through, &sum);
    gr_waitgroup_wait(&wg);
    CHECK_EQ(sum, 2000001);
}

static void counts(gr_yield_fn *yield, void *arg) {
    (void)arg;
    CHECK_EQ(number, 5);
    while (yield(&number)) {
        if (number % 3 == 0)
            gr_yield();
        number++;
    }
}

static void pull_counts(void *arg) {
    int v = 0;
    number = (int)(intptr_t)arg;
    gr_iter *it = gr_pull(counts, NULL, sizeof v);
    for (int i = 5; i < 50; i++) {
        CHECK(gr_next(it, &v));
        CHECK_EQ(v, i);
        CHECK_EQ(number, (intptr_t)arg);
    }
    gr_stop(it);
    gr_waitgroup_done(&wg);
}

static void a_sequence_has_its_own_variables(void) { in_many(pull_counts, 6); }

static void use_and_end(void *arg) {
    zeroed[0] = 1;
    if (arg)
        gr_goexit();
}

static void recover(void *arg) {
    (void)arg;
    gr_recover();
}

static void deferred_sees_it(void *arg) { CHECK_EQ(number, (intptr_t)arg); }

static void use_and_panic(void *arg) {
    number = (int)(intptr_t)arg;
    gr_defer(recover, NULL);
    gr_defer(deferred_sees_it, arg);
    if ((intptr_t)arg % 2)
        gr_panic("as it should");
}

/* However a goroutine ends, its memory is used again. A few pages more than before may be a moment at which more of
 * them were alive; the variables of all that follow would be some fifty pages. */
static void variables_go_with_their_goroutine(void) {
#ifdef __wasm__
    size_t before = 0;
#endif
    for (intptr_t i = 0; i < 40000; i++) {
        gr_go(use_and_end, i % 2 ? &wg : NULL);
        if (i % 10 == 0)
            gr_go(use_and_panic, (void *)i);
        if (i % 50 == 0)
            while (gr_numgoroutine() > 1)
                gr_yield();
#ifdef __wasm__
        if (i == 2000)
            before = __builtin_wasm_memory_size(0);
#endif
    }
#ifdef __wasm__
    CHECK(__builtin_wasm_memory_size(0) <= before + 8);
#endif
}

#define OF_CLANG(...) __VA_ARGS__
#else
#define OF_CLANG(...)
#endif

#ifdef __EMSCRIPTEN__
#define OF_EMSCRIPTEN(...) __VA_ARGS__
#else
#define OF_EMSCRIPTEN(...)
#endif

TESTS(OF_CLANG(T(goroutine_1_finds_what_constructors_left), T(variables_stay), T(a_locked_thread_makes_no_difference),
               T(an_address_is_good_everywhere), T(a_sequence_has_its_own_variables),
               T(variables_go_with_their_goroutine), ) OF_EMSCRIPTEN(T(its_address_stays), ) T(errno_stays),
      T(what_libc_says_stays), T(a_sequence_has_its_own), T(gr_blocking_is_the_same_goroutine),
      T(a_debug_call_is_the_callers))
