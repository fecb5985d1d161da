/* defer.c: deferred calls and how they run when a goroutine returns, leaves or panics; what gr_recover finds. */
#include "check.h"

/* Each test runs a goroutine that leaves marks, and compares them when it is over. The marks are the goroutine's
 * alone. */
static char marks[200];
static _Atomic int over;

static void mark(const char *s) { strncat(marks, s, sizeof marks - strlen(marks) - 1); }
static void say(void *s) { mark(s); }

static void is_over(void *arg) {
    (void)arg;
    atomic_store(&over, 1);
}

static void begin(void *fn) {
    gr_defer(is_over, NULL); /* first, so it runs last */
    (*(void (**)(void))fn)();
    mark(" end");
}

static const char *marks_of(void (*fn)(void)) {
    marks[0] = 0;
    atomic_store(&over, 0);
    gr_go(begin, &fn);
    check_await(&over, 1);
    return marks;
}

#define CHECK_MARKS(fn, want)                                                                                          \
    do {                                                                                                               \
        const char *got_ = marks_of(fn);                                                                               \
        if (!CHECK(!strcmp(got_, (want))))                                                                             \
            printf("  left \"%s\", not \"%s\"\n", got_, (want));                                                       \
    } while (0)

static void recover_here(void *arg) {
    const char *msg = gr_recover();
    mark(arg ? arg : " recovered:");
    mark(msg ? msg : "(none)");
}

/* ---- the three ways to end ---- */

static void three(void) {
    gr_defer(say, " a");
    gr_defer(say, " b");
    gr_defer(say, " c");
}

static void three_and_leave(void) {
    three();
    gr_goexit();
}

static void three_and_panic(void) {
    gr_defer(recover_here, NULL);
    three();
    gr_panic("p");
}

static void at_depth(int n, void (*fn)(void)) {
    volatile char page[64] = {(char)n};
    if (n > 0)
        at_depth(n - 1, fn);
    else
        fn();
    mark(page[0] ? " up" : "");
}

static void leave_from_depth(void) { at_depth(20, three_and_leave); }
static void panic_from_depth(void) { at_depth(20, three_and_panic); }

static void last_first_whatever_the_end(void) {
    CHECK_MARKS(three, " end c b a");
    CHECK_MARKS(three_and_leave, " c b a");
    CHECK_MARKS(three_and_panic, " c b a recovered:p");
    CHECK_MARKS(leave_from_depth, " c b a");
    CHECK_MARKS(panic_from_depth, " c b a recovered:p");
}

static void twenty_thousand(void) {
    for (int i = 0; i < 20000; i++)
        gr_defer(say, i == 0 ? " first" : i == 19999 ? " last" : "");
}

static void as_many_as_there_is_memory(void) { CHECK_MARKS(twenty_thousand, " end last first"); }

static gr_chan *c;

static void receive(void *arg) {
    int v = 0;
    gr_chan_recv(c, &v);
    gr_yield();
    mark(v == 5 ? arg : " wrong");
    gr_sleep(10 * GR_MICROSECOND);
}

static void send_five(void *arg) {
    (void)arg;
    gr_chan_send(c, &(int){5});
    gr_chan_send(c, &(int){5});
}

static void wait_in_deferred_calls(void) {
    gr_defer(receive, " y");
    gr_defer(recover_here, NULL);
    gr_defer(receive, " x");
    gr_go(send_five, NULL);
    gr_panic("p");
}

static void deferred_calls_may_wait(void) {
    c = gr_chan_make(sizeof(int), 0);
    CHECK_MARKS(wait_in_deferred_calls, " x recovered:p y");
    gr_chan_free(c);
}

/* ---- what gr_recover finds ---- */

static void not_panicking(void) {
    recover_here(NULL);
    gr_defer(recover_here, " later:");
}

static void leaves(void) {
    gr_defer(recover_here, NULL);
    gr_goexit();
}

static void twice(void *arg) {
    recover_here(arg);
    recover_here(arg);
}

static void asks_twice(void) {
    gr_defer(recover_here, " then:");
    gr_defer(twice, NULL);
    gr_panic("p");
}

static void recover_finds_a_panic_once(void) {
    CHECK_MARKS(not_panicking, " recovered:(none) end later:(none)");
    CHECK_MARKS(leaves, " recovered:(none)");
    CHECK_MARKS(asks_twice, " recovered:p recovered:(none) then:(none)");
}

static void has_own_deferred(void *arg) {
    gr_defer(recover_here, " inner:");
    mark(arg);
}

/* It runs because the deferred call around it returns, not because of the panic. */
static void panic_is_not_its_own(void) {
    gr_defer(recover_here, " outer:");
    gr_defer(has_own_deferred, " x");
    gr_panic("p");
}

static void recover_looks_one_scope_out(void) { CHECK_MARKS(panic_is_not_its_own, " x inner:(none) outer:p"); }

static void runtime_panics(void) {
    gr_chan *closed = gr_chan_make(0, 0);
    gr_defer((void (*)(void *))gr_chan_free, closed);
    gr_defer(recover_here, NULL);
    gr_chan_close(closed);
    gr_chan_send(closed, NULL);
}

static void panics_with_nothing(void) {
    gr_defer(recover_here, NULL);
    gr_panic(NULL);
}

static void mistakes_can_be_recovered(void) {
    CHECK_MARKS(runtime_panics, " recovered:send on closed channel");
    CHECK_MARKS(panics_with_nothing, " recovered:runtime error: panic called with nil argument");
}

/* ---- panics in deferred calls ---- */

static void panic_now(void *msg) { gr_panic(msg); }

static void second_replaces_first(void) {
    gr_defer(recover_here, " then:");
    gr_defer(recover_here, NULL);
    gr_defer(say, " a");
    gr_defer(panic_now, "second");
    gr_defer(say, " b");
    gr_panic("first");
}

static void recover_and_panic(void *arg) {
    recover_here(NULL);
    gr_panic(arg);
}

static void wraps(void) {
    gr_defer(recover_here, NULL);
    gr_defer(recover_and_panic, "outer");
    gr_panic("inner");
}

/* A panic in a deferred call that recovers it itself; the one outside goes on. */
static void own_affair(void *arg) {
    gr_defer(recover_here, " own:");
    gr_panic(arg);
}

static void inner_one_is_recovered(void) {
    gr_defer(recover_here, NULL);
    gr_defer(own_affair, "second");
    gr_panic("first");
}

static void own_affair_of_own_affair(void *arg) {
    gr_defer(recover_here, " middle:");
    gr_defer(own_affair, arg);
    gr_panic("second");
}

static void three_deep(void) {
    gr_defer(recover_here, NULL);
    gr_defer(own_affair_of_own_affair, "third");
    gr_panic("first");
}

static void on_return(void) {
    gr_defer(say, " a");
    gr_defer(own_affair, "late");
    gr_defer(say, " b");
}

static void panics_while_panicking(void) {
    CHECK_MARKS(second_replaces_first, " b a recovered:second then:(none)");
    CHECK_MARKS(wraps, " recovered:inner recovered:outer");
    CHECK_MARKS(inner_one_is_recovered, " own:second recovered:first");
    CHECK_MARKS(three_deep, " own:third middle:second recovered:first");
    CHECK_MARKS(on_return, " end b own:late a");
}

static void leave_now(void *arg) {
    (void)arg;
    gr_goexit();
}

static void leaves_while_panicking(void) {
    gr_defer(recover_here, NULL);
    gr_defer(leave_now, NULL);
    gr_panic("p");
}

static void panics_while_leaving(void) {
    gr_defer(say, " a");
    gr_defer(recover_here, NULL);
    gr_defer(panic_now, "p");
    gr_goexit();
}

static void leaves_twice(void) {
    gr_defer(say, " a");
    gr_defer(leave_now, NULL);
    gr_goexit();
}

static void goexit_and_panics(void) {
    CHECK_MARKS(leaves_while_panicking, " recovered:(none)");
    CHECK_MARKS(panics_while_leaving, " recovered:p a");
    CHECK_MARKS(leaves_twice, " a");
}

/* Its stack, and all else of it, serves the next one, which starts afresh. */
static void leavers_leave_nothing_behind(void) {
    for (int i = 0; i < 300; i++) {
        CHECK_MARKS(wraps, " recovered:inner recovered:outer");
        CHECK_MARKS(leaves_while_panicking, " recovered:(none)");
        CHECK_MARKS(not_panicking, " recovered:(none) end later:(none)");
    }
}

/* ---- gr_once ---- */

static gr_once once;
static int calls;

static void call_and_leave(void) {
    calls++;
    gr_defer(say, " deferred");
    gr_goexit();
}

static void call_and_panic(void) {
    calls++;
    gr_panic("once");
}

static void once_leaves(void) { gr_once_do(&once, call_and_leave); }

static void once_panics(void) {
    gr_defer(recover_here, NULL);
    gr_once_do(&once, call_and_panic);
}

static void defers_within(void) {
    calls++;
    gr_defer(say, " within");
}

static void once_defers(void) {
    gr_defer(say, " before");
    gr_once_do(&once, defers_within);
    gr_defer(say, " after");
}

static void once_counts_as_done(void) {
    calls = 0;
    CHECK_MARKS(once_leaves, " deferred");
    CHECK_MARKS(once_leaves, " end");
    CHECK_EQ(calls, 1);
    once = (gr_once){0};
    CHECK_MARKS(once_panics, " recovered:once");
    CHECK_MARKS(once_panics, " end recovered:(none)");
    CHECK_EQ(calls, 2);
    once = (gr_once){0};
    CHECK_MARKS(once_defers, " end after within before");
    CHECK_EQ(calls, 3);
}

TESTS(T(last_first_whatever_the_end), T(as_many_as_there_is_memory), T(deferred_calls_may_wait),
      T(recover_finds_a_panic_once), T(recover_looks_one_scope_out), T(mistakes_can_be_recovered),
      T(panics_while_panicking), T(goexit_and_panics), T(leavers_leave_nothing_behind), T(once_counts_as_done))
