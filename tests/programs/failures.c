/* failures.c: KIND: one way for a program to fail, by name; what it prints and its exit code are compared with
 * tests/programs/golden/KIND.txt. Nothing may be printed after the mistake. */
#include "goroscope.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gr_chan *chan_of_int(size_t cap) { return gr_chan_make(sizeof(int), cap); }

static bool exit_from_main; /* main returns, without a word */

static void wait_on(void *arg) { gr_chan_recv(arg, NULL); }

static void sleep_long(void *arg) {
    (void)arg;
    gr_sleep(3600 * GR_SECOND);
}

/* ---- deadlocks ---- */

static void main_receives_for_ever(void) { gr_chan_recv(chan_of_int(0), NULL); }
static void main_sends_to_nil(void) { gr_chan_send(NULL, &(int){1}); }
static void main_receives_from_nil(void) { gr_chan_recv(NULL, NULL); }
static void main_selects_nothing(void) { gr_select(NULL, 0, false); }

static gr_mutex mu;
static gr_rwmutex rw;
static gr_cond cond;
static gr_waitgroup wg;

static void lock_mutex(void *arg) {
    (void)arg;
    gr_mutex_lock(&mu);
}

static void write_lock(void *arg) {
    (void)arg;
    gr_rwmutex_lock(&rw);
}

static void wait_for_cond(void *arg) {
    gr_mutex_lock(arg);
    gr_cond_wait(&cond, arg);
}

static void send_to(void *arg) { gr_chan_send(arg, &(int){1}); }

static void select_on(void *arg) {
    gr_case cases[] = {{GR_RECV, arg, NULL, false}, {GR_RECV, NULL, NULL, false}};
    gr_select(cases, 2, false);
}

/* One goroutine for every way of waiting; main waits for them all. */
static void everybody_waits(void) {
    static gr_mutex for_cond;
    gr_mutex_lock(&mu);
    gr_rwmutex_rlock(&rw);
    gr_waitgroup_add(&wg, 1);
    gr_go(wait_on, chan_of_int(0));
    gr_go(send_to, chan_of_int(0));
    gr_go(send_to, NULL);
    gr_go(select_on, chan_of_int(0));
    gr_go(lock_mutex, NULL);
    gr_go(write_lock, NULL);
    gr_go(wait_for_cond, &for_cond);
    gr_sleep(20 * GR_MILLISECOND); /* all of them are parked when main joins them */
    gr_waitgroup_wait(&wg);
}

static void main_leaves_and_others_wait(void) {
    gr_go(wait_on, chan_of_int(0));
    gr_sleep(5 * GR_MILLISECOND);
    gr_goexit();
}

static void main_leaves_alone(void) { gr_goexit(); }

/* A goroutine that sleeps is not asleep for ever: no deadlock until it has ended. */
static void nap(void *arg) {
    (void)arg;
    gr_sleep(30 * GR_MILLISECOND);
    printf("woke up\n");
}

static void sleeper_puts_off_the_deadlock(void) {
    gr_go(nap, NULL);
    gr_chan_recv(chan_of_int(0), NULL);
}

/* A timer or ticker hides no deadlock while nobody waits on its channel. */
static void ticker_hides_no_deadlock(void) {
    gr_ticker_make(GR_MILLISECOND);
    gr_timer_make(3600 * GR_SECOND);
    gr_chan_recv(chan_of_int(0), NULL);
}

/* Neither does one that was waited on before. */
static void timeout_hides_no_deadlock(void) {
    gr_chan *c = chan_of_int(1);
    gr_chan_send(c, &(int){1});
    gr_chan_recv(gr_ticker_chan(gr_ticker_make(GR_MILLISECOND)), NULL);
    gr_select((gr_case[]){{GR_RECV, c, NULL, false}, {GR_RECV, gr_after(3600 * GR_SECOND), NULL, false}}, 2, false);
    gr_chan_recv(c, NULL);
}

/* ---- as src/runtime/testdata/testprog/{deadlock,crash,panicrace}.go fail, where the text is more than one of the
 * above ---- */

static void nothing(void *arg) { (void)arg; }

static void locked_deadlock(void) {
    gr_lockosthread();
    gr_select(NULL, 0, false);
}

static void lock_and_wait(void *arg) {
    (void)arg;
    locked_deadlock();
}

static void locked_deadlock_2(void) {
    gr_go(lock_and_wait, NULL);
    gr_sleep(5 * GR_MILLISECOND);
    gr_select(NULL, 0, false);
}

static void goexit_deadlock(void) {
    gr_go(nothing, NULL);
    gr_go(nothing, NULL);
    gr_goexit();
}

static void goexit_exit(void) {
    gr_go(nap, NULL);
    gr_goexit();
}

static void go_nil(void) {
    gr_go(NULL, NULL);
    gr_select(NULL, 0, false);
}

static void no_helper_goroutines(void) {
    gr_after_func(3600 * GR_SECOND, nothing, NULL);
    gr_mutex_unlock(&mu); /* fatal: all goroutines are shown */
}

static void nil_panic(void) { gr_panic(NULL); }

/* Its deferred call lets main return first: the panic is reported all the same. */
static void done_and_yield(void *arg) {
    gr_waitgroup_done((gr_waitgroup *)arg);
    gr_yield();
}

static void panic_after_done(void *arg) {
    gr_defer(done_and_yield, arg);
    gr_panic("crash");
}

static void panic_race(void) {
    gr_waitgroup_add(&wg, 1);
    gr_go(panic_after_done, &wg);
    gr_waitgroup_wait(&wg);
    exit_from_main = true;
}

/* ---- mistakes with channels ---- */

static void send_on_closed(void) {
    gr_chan *c = chan_of_int(1);
    gr_chan_close(c);
    gr_chan_send(c, &(int){1});
}

static void select_send_on_closed(void) {
    gr_chan *c = chan_of_int(1);
    gr_case k = {GR_SEND, c, &(int){1}, false};
    gr_chan_close(c);
    gr_select(&k, 1, true);
}

/* The close comes while the send waits: the sender panics, not the closer. */
static void close_under_a_sender(void) {
    gr_chan *c = chan_of_int(0);
    gr_go(send_to, c);
    gr_sleep(5 * GR_MILLISECOND);
    gr_chan_close(c);
    gr_sleep(10 * GR_SECOND);
}

static void close_twice(void) {
    gr_chan *c = chan_of_int(0);
    gr_chan_close(c);
    gr_chan_close(c);
}

static void close_nil(void) { gr_chan_close(NULL); }
static void chan_too_big(void) { gr_chan_make(1024, (size_t)-1 / 512); }

/* ---- mistakes with locks ---- */

static void unlock_unlocked(void) { gr_mutex_unlock(&mu); }
/* The program has written over it. */
static void mutex_overwritten(void) {
    memset(&mu, 0xff, sizeof mu);
    gr_mutex_lock(&mu);
}
static void rw_overwritten(void) {
    memset(&rw, 0xff, sizeof rw);
    gr_rwmutex_lock(&rw);
}
static void waitgroup_overwritten(void) {
    memset(&wg, 0xee, sizeof wg);
    gr_waitgroup_wait(&wg);
}
static void cond_overwritten(void) {
    memset(&cond, 0xff, sizeof cond);
    gr_cond_signal(&cond);
}
static void rw_unlock_unlocked(void) { gr_rwmutex_unlock(&rw); }
static void rw_runlock_unlocked(void) { gr_rwmutex_runlock(&rw); }

static void negative_waitgroup(void) {
    gr_waitgroup_add(&wg, 1);
    gr_waitgroup_done(&wg);
    gr_waitgroup_done(&wg);
}

/* In between gr_waitgroup_done has brought the counter to zero and not yet let the waiter go. */
static void waitgroup_add_beside_wait(void) {
    wg.state = 1; /* one waiter, none to wait for */
    gr_waitgroup_add(&wg, 1);
}

static void wait_for_group(void *arg) {
    (void)arg;
    gr_waitgroup_wait(&wg);
}

static void waitgroup_reused(void) {
    gr_gomaxprocs(1); /* the waiter does not run before the second gr_waitgroup_add */
    gr_waitgroup_add(&wg, 1);
    gr_go(wait_for_group, NULL);
    gr_sleep(5 * GR_MILLISECOND);
    gr_waitgroup_done(&wg);
    gr_waitgroup_add(&wg, 1);
    gr_sleep(10 * GR_SECOND);
}

/* ---- others ---- */

static void panics(void) {
    printf("before the panic\n");
    gr_panic("the printer is on fire");
}

static void panic_in_goroutine(void *arg) {
    (void)arg;
    gr_panic("not in main");
}

static void panic_elsewhere(void) {
    gr_go(sleep_long, NULL);
    gr_go(panic_in_goroutine, NULL);
    gr_sleep(10 * GR_SECOND);
}

/* Who waits does not go on and end the program before the panic has: Go's issue 76126. */
static void panic_in_waitgroup_go(void) {
    gr_waitgroup_go(&wg, panic_in_goroutine, NULL);
    gr_waitgroup_wait(&wg);
    exit(0);
}

static void ticker_of_no_period(void) { gr_ticker_make(0); }
static void ticker_reset_to_no_period(void) { gr_ticker_reset(gr_ticker_make(GR_SECOND), -1); }

static int recurse(volatile char *above, int n) {
    volatile char mine[64];
    memset((char *)mine, n, sizeof mine);
    if (n == INT_MAX)
        return 0; /* no stack is that deep */
    return recurse(mine, n + 1) + mine[n % 64] + above[0];
}

/* Others are parked by then, so that the dump shows where. */
static void recurse_for_ever(void *arg) {
    volatile char top[1] = {1};
    (void)arg;
    gr_sleep(5 * GR_MILLISECOND);
    printf("%d\n", recurse(top, 1));
}

static void overflow_in_goroutine(void) {
    gr_go(wait_on, chan_of_int(0));
    gr_sleep(5 * GR_MILLISECOND);
    gr_go(recurse_for_ever, NULL);
    gr_sleep(10 * GR_SECOND);
}

static void overflow_in_main(void) { recurse_for_ever(NULL); }

static __attribute__((noinline)) void frame_bigger_than_the_stack(void) {
    volatile char page[2 << 20]; /* of 1 MiB */
    for (size_t i = sizeof page; i-- > 0;)
        page[i] = 1;
    gr_yield();
    printf("%d\n", page[5]);
}

static void call_too_big(void *arg) {
    (void)arg;
    gr_sleep(5 * GR_MILLISECOND);
    frame_bigger_than_the_stack();
}

static void overflow_by_one_frame(void) {
    gr_go_stack(call_too_big, NULL, 16384);
    gr_sleep(10 * GR_SECOND);
}

static void output_before_the_end(void) {
    printf("a line\nno newline at the end");
    exit(7);
}

/* ---- panics in deferred calls, and what is no panic; several follow
 * src/runtime/testdata/testprog/{deadlock,crash}.go ---- */

static void panic_with(void *msg) { gr_panic(msg); }

static void print_recovered(void *arg) {
    (void)arg;
    const char *msg = gr_recover();
    printf("recovered: %s\n", msg ? msg : "(none)");
}

static void recover_and_panic(void *msg) {
    print_recovered(NULL);
    gr_panic(msg);
}

static void recovered_in_main(void) {
    gr_defer(print_recovered, NULL);
    gr_panic("the printer is on fire");
}

static void panic_in_deferred(void) {
    gr_defer(panic_with, "second");
    gr_panic("first");
}

static void wrap_in_deferred(void *arg) {
    (void)arg;
    gr_defer(print_recovered, NULL);
    gr_defer(recover_and_panic, "wrap: bad");
    gr_panic("bad");
}

static void recursive_panic(void) {
    gr_defer(panic_with, "again");
    gr_defer(wrap_in_deferred, NULL);
    gr_goexit();
}

static void recover_then_panic_in_deferred(void *arg) {
    (void)arg;
    gr_defer(print_recovered, NULL);
    gr_defer(panic_with, "second panic");
    gr_defer(print_recovered, NULL);
    gr_panic("first panic");
}

static void recursive_panic_2(void) {
    gr_defer(panic_with, "third panic");
    gr_defer(recover_then_panic_in_deferred, NULL);
    gr_goexit();
}

static void own_affair(void *arg) {
    gr_defer(print_recovered, NULL);
    gr_panic(arg);
}

static void recursive_panic_3(void) {
    gr_defer(own_affair, "second panic");
    gr_panic("first panic");
}

static void recursive_panic_4(void) {
    gr_defer(recover_and_panic, "second panic");
    gr_panic("first panic");
}

static void repanicked(void) {
    gr_defer(recover_and_panic, "message");
    gr_panic("message");
}

static void repanicked_middle(void) {
    gr_defer(recover_and_panic, "outer");
    gr_defer(recover_and_panic, "middle");
    gr_defer(recover_and_panic, "middle");
    gr_panic("inner");
}

static void repanicked_sandwich(void) {
    gr_defer(recover_and_panic, "outer");
    gr_defer(recover_and_panic, "inner");
    gr_panic("outer");
}

static void panic_twice_the_same(void) {
    gr_defer(panic_with, "message");
    gr_panic("message");
}

static void leave(void *arg) {
    (void)arg;
    gr_goexit();
}

static void panic_and_leave(void *arg) {
    gr_defer(leave, NULL);
    gr_panic(arg);
}

static void goexit_in_panic(void) {
    gr_go(panic_and_leave, "hello");
    gr_goexit();
}

static void panic_after_goexit(void) {
    gr_defer(panic_with, "hello");
    gr_goexit();
}

static void recovered_panic_after_goexit(void) {
    gr_defer(own_affair, "hello");
    gr_goexit();
}

static void recover_before_panic_after_goexit(void) {
    gr_defer(print_recovered, NULL);
    gr_defer(panic_with, "hello");
    gr_goexit();
}

static void recover_then_panic(void *arg) {
    (void)arg;
    gr_defer(print_recovered, NULL);
    gr_defer(recover_and_panic, "second panic");
    gr_panic("first panic");
}

/* As recursive_panic, one call further up and with two recoveries. */
static void recursive_panic_5(void) {
    gr_defer(panic_with, "third panic");
    gr_defer(recover_then_panic, NULL);
    gr_goexit();
}

static void panic_traceback(void) {
    gr_defer(panic_with, "panic pt1");
    gr_defer(panic_with, "panic pt2");
    gr_panic("hello");
}

static gr_chan *recovered;

static void print_done(void *name) {
    printf("%s:%s done\n", (char *)name, gr_recover() ? " recovered" : "");
    gr_chan_send(recovered, &(int){1});
}

static void crash_locked(void *name) {
    gr_lockosthread();
    gr_defer(print_done, name);
    gr_panic("crash");
}

static void crash_handler(void) {
    recovered = chan_of_int(0);
    gr_lockosthread();
    gr_go(crash_locked, "new-thread");
    gr_chan_recv(recovered, NULL);
    gr_go(crash_locked, "second-new-thread");
    gr_chan_recv(recovered, NULL);
    exit_from_main = true;
}

static void panic_of_several_lines(void) { gr_panic("first line\nsecond line\nthird"); }

static void panic_too_long(void) {
    static char msg[20001];
    for (size_t i = 0; i + 3 < sizeof msg; i += 3)
        memcpy(msg + i, "\xe2\x82\xac", 3); /* a character of three bytes */
    gr_panic(msg);
}

static void fatal_is_not_recovered(void) {
    gr_defer(print_recovered, NULL);
    gr_mutex_unlock(&mu);
}

static void overflow_is_not_recovered(void) {
    gr_defer(print_recovered, NULL);
    recurse_for_ever(NULL);
}

/* ---- iterators ---- */

static void one_then_panic(gr_yield_fn *yield, void *arg) {
    yield(&(int){1});
    gr_panic(arg);
}

static void one_then_leave(gr_yield_fn *yield, void *arg) {
    (void)arg;
    yield(&(int){1});
    gr_goexit();
}

static void one_then_wait(gr_yield_fn *yield, void *arg) {
    yield(&(int){1});
    gr_chan_recv(arg, NULL);
}

static void one_then_overflow(gr_yield_fn *yield, void *arg) {
    volatile char top[1] = {1};
    yield(&(int){1});
    yield(&(int){recurse(top, 1)});
    (void)arg;
}

static void the_same(gr_yield_fn *yield, void *it) {
    for (int v; gr_next(it, &v);)
        yield(&v);
}

static void take_all(void *it) {
    int v;
    while (gr_next(it, &v))
        printf("got %d\n", v);
}

static void panic_in_sequence(void) { take_all(gr_pull(one_then_panic, "out of numbers", sizeof(int))); }

static void panic_in_sequence_passed_on(void) {
    gr_defer(recover_and_panic, "out of numbers");
    panic_in_sequence();
}

/* It is the innermost that has overflown, not those on whose stacks it runs. */
static void overflow_in_sequence(void) {
    take_all(gr_pull(the_same, gr_pull(one_then_overflow, NULL, sizeof(int)), sizeof(int)));
}

/* It nested others before. */
static void overflow_beside_sequence(void) {
    volatile char top[1] = {1};
    int v;
    gr_next(gr_pull(the_same, gr_pull(one_then_wait, chan_of_int(0), sizeof(int)), sizeof(int)), &v);
    printf("%d\n", recurse(top, 1));
}

static void goexit_in_sequence(void) { take_all(gr_pull(one_then_leave, NULL, sizeof(int))); }
static void deadlock_in_sequence(void) { take_all(gr_pull(one_then_wait, chan_of_int(0), sizeof(int))); }

static void deadlock_beside_iterator(void) {
    gr_next(gr_pull(one_then_leave, NULL, sizeof(int)), &(int){0});
    main_receives_for_ever();
}

static void iterator_under_another_lock(void) {
    gr_iter *it = gr_pull(one_then_leave, NULL, sizeof(int));
    gr_lockosthread();
    take_all(it);
}

static void lock_and_yield(gr_yield_fn *yield, void *arg) {
    gr_lockosthread();
    yield(arg);
}

static void iterator_locks_itself(void) { take_all(gr_pull(lock_and_yield, &(int){1}, sizeof(int))); }

typedef struct Kind {
    const char *name;
    void (*fn)(void);
} Kind;

static const Kind kinds[] = {
    {"deadlock-recv", main_receives_for_ever},
    {"deadlock-send-nil", main_sends_to_nil},
    {"deadlock-recv-nil", main_receives_from_nil},
    {"deadlock-select-nothing", main_selects_nothing},
    {"deadlock-everybody", everybody_waits},
    {"deadlock-main-left", main_leaves_and_others_wait},
    {"deadlock-main-left-alone", main_leaves_alone},
    {"deadlock-after-sleeper", sleeper_puts_off_the_deadlock},
    {"deadlock-beside-ticker", ticker_hides_no_deadlock},
    {"deadlock-after-timeout", timeout_hides_no_deadlock},
    {"deadlock-locked", locked_deadlock},
    {"deadlock-locked-elsewhere", locked_deadlock_2},
    {"deadlock-main-left-others-ended", goexit_deadlock},
    {"deadlock-main-left-after-sleeper", goexit_exit},
    {"go-nil", go_nil},
    {"no-helper-goroutines", no_helper_goroutines},
    {"panic-nil", nil_panic},
    {"panic-while-main-returns", panic_race},
    {"send-on-closed", send_on_closed},
    {"select-send-on-closed", select_send_on_closed},
    {"close-under-a-sender", close_under_a_sender},
    {"close-twice", close_twice},
    {"close-nil", close_nil},
    {"chan-too-big", chan_too_big},
    {"unlock-unlocked", unlock_unlocked},
    {"mutex-overwritten", mutex_overwritten},
    {"rw-overwritten", rw_overwritten},
    {"waitgroup-overwritten", waitgroup_overwritten},
    {"cond-overwritten", cond_overwritten},
    {"rw-unlock-unlocked", rw_unlock_unlocked},
    {"rw-runlock-unlocked", rw_runlock_unlocked},
    {"negative-waitgroup", negative_waitgroup},
    {"waitgroup-add-beside-wait", waitgroup_add_beside_wait},
    {"waitgroup-reused", waitgroup_reused},
    {"panic-in-waitgroup-go", panic_in_waitgroup_go},
    {"panic", panics},
    {"panic-in-goroutine", panic_elsewhere},
    {"ticker-of-no-period", ticker_of_no_period},
    {"ticker-reset-to-no-period", ticker_reset_to_no_period},
    {"overflow-in-goroutine", overflow_in_goroutine},
    {"overflow-in-main", overflow_in_main},
    {"overflow-by-one-frame", overflow_by_one_frame},
    {"exit-in-goroutine", output_before_the_end},
    {"recovered-in-main", recovered_in_main},
    {"panic-in-deferred", panic_in_deferred},
    {"recursive-panic", recursive_panic},
    {"recursive-panic-second", recursive_panic_2},
    {"recursive-panic-third", recursive_panic_3},
    {"recursive-panic-fourth", recursive_panic_4},
    {"recursive-panic-fifth", recursive_panic_5},
    {"panic-traceback", panic_traceback},
    {"crash-handler", crash_handler},
    {"repanicked", repanicked},
    {"repanicked-middle", repanicked_middle},
    {"repanicked-sandwich", repanicked_sandwich},
    {"panic-twice-the-same", panic_twice_the_same},
    {"goexit-in-panic", goexit_in_panic},
    {"panic-after-goexit", panic_after_goexit},
    {"recovered-panic-after-goexit", recovered_panic_after_goexit},
    {"recover-before-panic-after-goexit", recover_before_panic_after_goexit},
    {"panic-of-several-lines", panic_of_several_lines},
    {"panic-too-long", panic_too_long},
    {"fatal-is-not-recovered", fatal_is_not_recovered},
    {"overflow-is-not-recovered", overflow_is_not_recovered},
    {"panic-in-sequence", panic_in_sequence},
    {"panic-in-sequence-passed-on", panic_in_sequence_passed_on},
    {"overflow-in-sequence", overflow_in_sequence},
    {"overflow-beside-sequence", overflow_beside_sequence},
    {"goexit-in-sequence", goexit_in_sequence},
    {"deadlock-in-sequence", deadlock_in_sequence},
    {"deadlock-beside-iterator", deadlock_beside_iterator},
    {"iterator-under-another-lock", iterator_under_another_lock},
    {"iterator-locks-itself", iterator_locks_itself},
};

int gr_main(int argc, char **argv) {
    for (size_t i = 0; argc == 2 && i < sizeof kinds / sizeof *kinds; i++) {
        if (!strcmp(argv[1], kinds[i].name)) {
            kinds[i].fn();
            if (exit_from_main)
                return 0;
            printf("%s: went on as if nothing had happened\n", argv[1]);
            return 0;
        }
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        printf("%s\n", kinds[i].name);
    return 1;
}
