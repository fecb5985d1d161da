/* forbidden.c: KIND: as failures.c, what the manual forbids and what it says of the ends of time, each compared with
 * tests/programs/golden/KIND.txt. Nothing may be printed after the mistake. */
#include "gr_context.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gr_mutex mu;
static gr_cond cond;

static gr_chan *chan_of_int(size_t cap) { return gr_chan_make(sizeof(int), cap); }
static void nothing(void *arg) { (void)arg; }
static void wait_on(void *arg) { gr_chan_recv(arg, NULL); }

/* ---- iterators ---- */

static gr_iter *itself;
static gr_yield_fn *kept;

static void next_of_itself(gr_yield_fn *yield, void *arg) {
    (void)yield, (void)arg;
    gr_next(itself, NULL);
}

static void stop_itself(gr_yield_fn *yield, void *arg) {
    (void)yield, (void)arg;
    gr_stop(itself);
}

static void keep_yield(gr_yield_fn *yield, void *arg) {
    kept = yield;
    yield(arg);
}

static void next_during_next(void) { gr_next(itself = gr_pull(next_of_itself, NULL, 0), NULL); }
static void stop_during_next(void) { gr_next(itself = gr_pull(stop_itself, NULL, 0), NULL); }

static void yield_outside(void) {
    int one = 1;
    gr_iter *it = gr_pull(keep_yield, &one, sizeof one);
    gr_next(it, NULL);
    gr_stop(it);
    kept(&one);
}

/* ---- system calls ---- */

static void exit_without_entering(void) { gr_exitsyscall(); }

static void enter(void *arg) {
    (void)arg;
    gr_sleep(5 * GR_MILLISECOND); /* main waits by then */
    gr_entersyscall();
}

static void end_in_system_call(void) {
    gr_go(enter, NULL);
    gr_chan_recv(chan_of_int(0), NULL);
}

/* ---- null pointers: natively the write faults, elsewhere it is noticed when the goroutine leaves its P, or at the
 * end ---- */

typedef struct Node {
    int value, more;
    char name[800];
    int far;
} Node;
static Node *volatile none;

static void write_near(void *arg) {
    (void)arg;
    gr_sleep(5 * GR_MILLISECOND);
    none->more = 0;
    gr_yield();
}

static void null_write(void) {
    gr_go(write_near, NULL);
    gr_chan_recv(chan_of_int(0), NULL);
}

static void null_write_far(void) {
    gr_yield();
    none->far = 1;
    exit(0);
}

/* ---- the ends of time ---- */

static void sleep_for_ever(void) { gr_sleep(INT64_MAX); }
static void timer_beyond_time(void) { gr_chan_recv(gr_after(INT64_MAX - GR_SECOND), NULL); }
static void deadline_beyond_time(void) {
    gr_chan_recv(gr_context_done(gr_with_timeout(gr_background(), INT64_MAX - 1)), NULL);
}
static void ticker_of_least_period(void) { gr_ticker_make(INT64_MIN); }

/* ---- what else the manual forbids ---- */

static void free_waited_on(void) {
    gr_chan *c = chan_of_int(0);
    gr_go(wait_on, c);
    gr_sleep(5 * GR_MILLISECOND);
    gr_chan_free(c);
}

static void select_too_many(void) { gr_select(NULL, 65537, false); }
static void select_without_op(void) { gr_select(&(gr_case){.val = NULL}, 1, true); }
static void select_negative(void) { gr_select(NULL, -1, false); }
static void stack_too_big(void) { gr_go_stack(nothing, NULL, (size_t)-1 / 2 + 100); }
static void cond_wait_unlocked(void) { gr_cond_wait(&cond, &mu); }
static void context_of_nothing(void) { gr_with_timeout(NULL, 1); }
static void context_without_key(void) { gr_with_value(gr_background(), NULL, NULL); }
static void cancel_background(void) { gr_context_cancel(gr_background()); }

static gr_group group;

static const char *last_long(void *arg) {
    gr_chan_recv(arg, NULL);
    return NULL;
}

static void limit_while_running(void) {
    gr_group_limit(&group, 2);
    gr_group_go(&group, last_long, chan_of_int(0));
    gr_group_limit(&group, 3);
}

static void two_contexts(void) {
    gr_group_context(&group, gr_background());
    gr_group_context(&group, gr_background());
}

static gr_semaphore units = {.size = 3};

static void release_more(void) {
    gr_semaphore_acquire(&units, 1, NULL);
    gr_semaphore_release(&units, 2);
}

static void acquire_negative(void) { gr_semaphore_acquire(&units, -1, NULL); }
static void release_negative(void) { gr_semaphore_release(&units, INT64_MIN); }

typedef struct Kind {
    const char *name;
    void (*fn)(void);
} Kind;

static const Kind kinds[] = {
    {"next-during-next", next_during_next},
    {"stop-during-next", stop_during_next},
    {"yield-outside", yield_outside},
    {"exit-without-entering", exit_without_entering},
    {"end-in-system-call", end_in_system_call},
    {"null-write", null_write},
    {"null-write-far", null_write_far},
    {"sleep-for-ever", sleep_for_ever},
    {"timer-beyond-time", timer_beyond_time},
    {"deadline-beyond-time", deadline_beyond_time},
    {"ticker-of-least-period", ticker_of_least_period},
    {"free-waited-on", free_waited_on},
    {"select-too-many", select_too_many},
    {"select-negative", select_negative},
    {"select-without-op", select_without_op},
    {"stack-too-big", stack_too_big},
    {"cond-wait-unlocked", cond_wait_unlocked},
    {"context-of-nothing", context_of_nothing},
    {"context-without-key", context_without_key},
    {"cancel-background", cancel_background},
    {"limit-while-running", limit_while_running},
    {"two-contexts", two_contexts},
    {"release-more", release_more},
    {"acquire-negative", acquire_negative},
    {"release-negative", release_negative},
};

int gr_main(int argc, char **argv) {
    for (size_t i = 0; argc == 2 && i < sizeof kinds / sizeof *kinds; i++) {
        if (!strcmp(argv[1], kinds[i].name)) {
            kinds[i].fn();
            printf("%s: went on as if nothing had happened\n", argv[1]);
            return 0;
        }
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        printf("%s\n", kinds[i].name);
    return 1;
}
