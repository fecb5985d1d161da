/* contexts: contexts, groups, weighted semaphores: what two or three goroutines can do to each other through one. */
#include "explore.h"
#include <gr_context.h>

static gr_context *p, *c;
static gr_context_call *call;
static gr_chan *called;
static gr_semaphore sema = {.size = 2};

/* ---- cancelling ---------------------------------------------------------------------------------------------- */

static void cancel_p(void) { gr_context_cancel_cause(p, "p"); }
static void cancel_p_too(void) { gr_context_cancel_cause(p, "q"); }
static void cancel_c(void) { gr_context_cancel_cause(c, "c"); }
static void note_cause_of_p(void) { note(gr_context_cause(p)); }
static void note_causes(void) {
    note(gr_context_cause(p));
    note(gr_context_cause(c));
}

static void two_cancel_one(void) {
    p = gr_with_cancel(gr_background());
    together(note_cause_of_p, cancel_p, cancel_p_too);
}

static void make_family(void) {
    p = gr_with_cancel(gr_background());
    c = gr_with_cancel(p);
}

static void parent_and_child(void) {
    make_family();
    together(note_causes, cancel_p, cancel_c);
}

static void make_child(void) {
    gr_yield();
    c = gr_with_cancel(p);
    note(gr_context_err(c) ? "late" : "early");
}

static void note_child(void) { note(gr_context_err(c) ? "!" : "?"); }

static void a_child_beside_cancel(void) {
    p = gr_with_cancel(gr_background());
    together(note_child, cancel_p, make_child);
}

static void end_p(void) { gr_context_end(p); }
static void unref_c(void) { gr_context_unref(c); }

static void a_child_leaves_beside_cancel(void) {
    make_family();
    together(note_ok, end_p, unref_c);
}

/* Who sees the error finds the channel closed, and the other way round. */
static void look(void) {
    gr_yield();
    bool error = gr_context_err(p);
    gr_case k = {GR_RECV, gr_context_done(p), NULL, false};
    bool closed = gr_select(&k, 1, true) == 0;
    bool error_then = gr_context_err(p);
    note(error && !closed ? "open" : closed && !error_then ? "no error" : "ok");
}

static void error_and_channel(void) {
    p = gr_with_cancel(gr_background());
    gr_context_done(p);
    together(NULL, cancel_p, look);
}

static void wait_for_p(void) {
    gr_chan_recv(gr_context_done(p), NULL);
    note(gr_context_cause(p));
}

static void waiting_for_it(void) {
    p = gr_with_cancel(gr_background());
    together(NULL, cancel_p, wait_for_p);
}

/* ---- calls --------------------------------------------------------------------------------------------------- */

static void note_call(void *arg) {
    note(arg);
    gr_chan_send(called, NULL);
}

static void stop_call(void) {
    if (gr_context_stop(call)) {
        note("stopped");
        return;
    }
    gr_chan_recv(called, NULL);
}

static void a_call_stopped_beside_cancel(void) {
    make_family();
    called = gr_chan_make(0, 0);
    call = gr_context_after_func(c, note_call, "called");
    together(NULL, cancel_p, stop_call);
}

/* ---- groups, semaphores -------------------------------------------------------------------------------------- */

static const char *fail(void *arg) { return arg; }

static void two_errors(void) {
    gr_group g = {0};
    p = gr_group_context(&g, gr_background());
    gr_group_go(&g, fail, "a");
    gr_group_go(&g, fail, "b");
    note(gr_group_wait(&g));
    note(gr_context_cause(p));
}

static void take_two(void) {
    gr_yield(); /* what comes before the first operation is done at once: gr_context_err is none */
    note(gr_semaphore_acquire(&sema, 2, p) ? "none" : "two");
}
static void release_one(void) { gr_semaphore_release(&sema, 1); }
static void note_free(void) {
    int n = 0;
    while (gr_semaphore_tryacquire(&sema, 1))
        n++;
    note_int(n);
}

static void units_or_the_end(void) {
    p = gr_with_cancel(gr_background());
    together(note_free, take_two, cancel_p);
}

static void units_that_come_back(void) {
    gr_semaphore_tryacquire(&sema, 1);
    together(note_free, take_two, release_one);
}

static void release_one_and_cancel(void) {
    release_one();
    cancel_p();
}

/* Served and cancelled before it goes on: it gives back what it was given. */
static void units_come_with_the_end(void) {
    p = gr_with_cancel(gr_background());
    gr_semaphore_tryacquire(&sema, 1);
    together(note_free, take_two, release_one_and_cancel);
}

static void no_units_before_the_end(void) {
    p = gr_with_cancel(gr_background());
    gr_semaphore_tryacquire(&sema, 1);
    together(note_free, take_two, cancel_p);
}

CASES(C(two_cancel_one, "p; q"), C(parent_and_child, "pp; pc"), C(a_child_beside_cancel, "early!; late!"),
      C(a_child_leaves_beside_cancel, "ok"), C(error_and_channel, "ok"), C(waiting_for_it, "p"),
      C(a_call_stopped_beside_cancel, "stopped; called"), C(two_errors, "aa; bb"), C(units_or_the_end, "two0; none2"),
      C(units_that_come_back, "two0"), C(units_come_with_the_end, "two0; none2"), C(no_units_before_the_end, "none1"))
