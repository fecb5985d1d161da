/* times: timers against stop and reset, sleeping; time may go on at any point. */
#include "explore.h"

static gr_timer *t;
static gr_chan *quit, *c;
static bool was_set;

static void tick_or_quit(void) {
    int64_t when;
    int i = gr_select((gr_case[]){{.op = GR_RECV, .chan = gr_timer_chan(t), .val = &when},
                                  {.op = GR_RECV, .chan = quit, .val = NULL}},
                      2, false);
    note(i == 0 ? "tick" : "quit");
}
static void stop(void) {
    was_set = gr_timer_stop(t);
    if (was_set)
        gr_chan_close(quit);
}

static void note_was_set(void) { note(was_set ? " stopped" : " too late"); }

/* Either the tick is received or stop says that it was in time; never both, never neither. */
static void stop_beside_the_tick(void) {
    quit = chan_of_int(0);
    t = gr_timer_make(GR_MILLISECOND);
    together(note_was_set, tick_or_quit, stop);
}

static void no_tick_after_stop(void) {
    t = gr_timer_make(GR_MILLISECOND);
    gr_yield();
    gr_timer_stop(t);
    note_int(gr_select((gr_case[]){{.op = GR_RECV, .chan = gr_timer_chan(t), .val = NULL}}, 1, true));
}

static void one_tick_after_reset(void) {
    t = gr_timer_make(GR_MILLISECOND);
    int64_t reset_at = gr_now(), when;
    gr_timer_reset(t, 5 * GR_MILLISECOND);
    gr_chan_recv(gr_timer_chan(t), &when);
    note(when >= reset_at + 5 * GR_MILLISECOND ? "new" : "old");
    note_int(gr_select((gr_case[]){{.op = GR_RECV, .chan = gr_timer_chan(t), .val = NULL}}, 1, true));
}

static void value_or_tick(void) {
    int i = gr_select(
        (gr_case[]){{.op = GR_RECV, .chan = gr_timer_chan(t), .val = NULL}, {.op = GR_RECV, .chan = c, .val = NULL}}, 2,
        false);
    note(i == 0 ? "tick" : "value");
    gr_timer_stop(t);
    note_int(gr_select((gr_case[]){{.op = GR_RECV, .chan = gr_timer_chan(t), .val = NULL}}, 1, true));
}

static void close_c(void) { gr_chan_close(c); }

/* The timer may fire for a select that the value has already served: stop takes that tick back. */
static void no_tick_after_stop_of_a_watched_timer(void) {
    t = gr_timer_make(GR_MILLISECOND);
    c = chan_of_int(0);
    together(NULL, value_or_tick, close_c);
}

static void ran(void *arg) {
    (void)arg;
    note("ran");
    gr_chan_close(quit);
}

static void stop_beside_after_func(void) {
    quit = chan_of_int(0);
    t = gr_after_func(GR_MILLISECOND, ran, NULL);
    gr_yield();
    if (gr_timer_stop(t))
        note("stopped");
    else
        gr_chan_recv(quit, NULL);
}

static void send_late(void) { send_int(c, 7); }

static void recv_or_timeout(void) {
    int v;
    int i = gr_select((gr_case[]){{.op = GR_RECV, .chan = c, .val = &v},
                                  {.op = GR_RECV, .chan = gr_after(GR_MILLISECOND), .val = NULL}},
                      2, false);
    note(i == 0 ? "value" : "timeout");
}

static void value_or_timeout(void) {
    c = chan_of_int(1);
    together(NULL, send_late, recv_or_timeout);
}

static void sleep_1(void) {
    gr_sleep(GR_MILLISECOND);
    note("1");
}
static void sleep_2(void) {
    gr_sleep(2 * GR_MILLISECOND);
    note("2");
}

/* Whoever wakes first may be slow. */
static void two_sleepers(void) { together(NULL, sleep_1, sleep_2); }

static void ticks_that_nobody_takes_are_dropped(void) {
    gr_ticker *k = gr_ticker_make(GR_MILLISECOND);
    gr_chan_recv(gr_ticker_chan(k), NULL);
    gr_ticker_stop(k);
    note_int(gr_select((gr_case[]){{.op = GR_RECV, .chan = gr_ticker_chan(k), .val = NULL}}, 1, true));
}

CASES(C(stop_beside_the_tick, "tick too late; quit stopped"), C(no_tick_after_stop, "-1"),
      C(no_tick_after_stop_of_a_watched_timer, "tick-1; value-1"), C(one_tick_after_reset, "new-1"),
      C(stop_beside_after_func, "stopped; ran"), C(value_or_timeout, "value; timeout"), C(two_sleepers, "12; 21"),
      C(ticks_that_nobody_takes_are_dropped, "-1"))
