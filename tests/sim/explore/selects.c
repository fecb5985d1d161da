/* selects: waiting for one of several channel operations, both directions, with close and default, select against
 * select. */
#include "explore.h"

static gr_chan *a, *b;
static int got[2];
static void note_got(void) {
    note_int(got[0]);
    note_int(got[1]);
}

static void make(size_t cap) {
    a = chan_of_int(cap);
    b = chan_of_int(cap);
}

static void send_a(void) { send_int(a, 1); }
static void send_b(void) { send_int(b, 2); }
static void close_a(void) { gr_chan_close(a); }

/* Receives from a or b; notes what came. */
static void recv_either(void) {
    int v;
    int i =
        gr_select((gr_case[]){{.op = GR_RECV, .chan = a, .val = &v}, {.op = GR_RECV, .chan = b, .val = &v}}, 2, false);
    note(i == 0 ? "a" : "b");
    note_int(v);
}

static void both_are_ready(void) {
    make(1);
    send_a();
    send_b();
    recv_either();
}

static void recv_either_twice(void) {
    recv_either();
    recv_either();
}

static void two_senders(void) {
    make(0);
    together(NULL, send_a, send_b, recv_either_twice);
}

static void two_senders_two_selects(void) {
    make(0);
    together(NULL, recv_either, send_a, send_b, recv_either);
}

static void recv_either_then_the_other(void) {
    int v;
    int i =
        gr_select((gr_case[]){{.op = GR_RECV, .chan = a, .val = &v}, {.op = GR_RECV, .chan = b, .val = &v}}, 2, false);
    note(i == 0 ? "a" : "b");
    note_int(recv_int(i == 0 ? b : a));
}

static void the_other_sender_still_waits(void) {
    make(0);
    together(NULL, send_a, send_b, recv_either_then_the_other);
}

static void recv_either_or_closed(void) {

    int v;
    gr_case k[] = {{.op = GR_RECV, .chan = a, .val = &v}, {.op = GR_RECV, .chan = b, .val = &v}};
    int i = gr_select(k, 2, false);
    note(i == 0 ? "a" : "b");
    note(k[i].ok ? "ok" : "closed");
    if (i == 0)
        recv_int(b);
}

static void close_beside_a_sender(void) {
    make(0);
    together(NULL, close_a, send_b, recv_either_or_closed);
}

/* Sends 1 to or receives from the same channel. */
static int either_way(void) {
    int one = 1, v;
    return gr_select((gr_case[]){{.op = GR_SEND, .chan = a, .val = &one}, {.op = GR_RECV, .chan = a, .val = &v}}, 2,
                     false);
}
static void either_way_x(void) { got[0] = either_way(); }
static void either_way_y(void) { got[1] = either_way(); }

static void both_ways_on_one_channel(void) {
    make(0);
    together(note_got, either_way_x, either_way_y);
}

static void send_a_or_recv_b(void) {
    int one = 1, v;
    got[0] = gr_select((gr_case[]){{.op = GR_SEND, .chan = a, .val = &one}, {.op = GR_RECV, .chan = b, .val = &v}}, 2,
                       false);
}
static void recv_a_or_send_b(void) {
    int two = 2, v;
    got[1] = gr_select((gr_case[]){{.op = GR_RECV, .chan = a, .val = &v}, {.op = GR_SEND, .chan = b, .val = &two}}, 2,
                       false);
}

static void two_selects_meet(void) {
    make(0);
    together(note_got, send_a_or_recv_b, recv_a_or_send_b);
}

static void recv_a_by_two_cases(void) {

    int v;
    note_int(
        gr_select((gr_case[]){{.op = GR_RECV, .chan = a, .val = &v}, {.op = GR_RECV, .chan = a, .val = &v}}, 2, false));
}

static void one_channel_twice(void) {
    make(0);
    together(NULL, send_a, recv_a_by_two_cases);
}

static void try_both(void) {
    int v;
    note_int(
        gr_select((gr_case[]){{.op = GR_RECV, .chan = a, .val = &v}, {.op = GR_RECV, .chan = b, .val = &v}}, 2, true));
}

static void default_beside_a_sender(void) {
    make(1);
    together(NULL, send_a, try_both);
}

static void try_one(void) {
    int v;
    note_int(gr_select((gr_case[]){{.op = GR_RECV, .chan = a, .val = &v}}, 1, true));
}

static void default_beside_close(void) {
    make(0);
    together(NULL, close_a, try_one);
}

static void recv_null_or_b(void) {

    int v;
    note_int(gr_select((gr_case[]){{.op = GR_RECV, .chan = NULL, .val = &v}, {.op = GR_RECV, .chan = b, .val = &v}}, 2,
                       false));
}

static void null_takes_no_part(void) {
    make(0);
    together(NULL, send_b, recv_null_or_b);
}

/* Both cases can go on once a is closed; before that only the receiver's. */
static void send_a_recv_b(void) {

    int one = 1, v;
    note_int(gr_select((gr_case[]){{.op = GR_SEND, .chan = a, .val = &one}, {.op = GR_RECV, .chan = b, .val = &v}}, 2,
                       false));
}

static void sending_on_what_gets_closed(void) {
    make(0);
    together(NULL, close_a, send_b, send_a_recv_b);
}

static void no_cases(void) { gr_select(NULL, 0, false); }

CASES(C(both_are_ready, "a1; b2"), C(two_senders, "a1b2; b2a1"), C(two_senders_two_selects, "a1b2; b2a1"),
      C(the_other_sender_still_waits, "a2; b1"), C(close_beside_a_sender, "aclosed; bok"),
      C(both_ways_on_one_channel, "01; 10"), C(two_selects_meet, "00; 11"), C(one_channel_twice, "0; 1"),
      C(default_beside_a_sender, "-1; 0"), C(default_beside_close, "-1; 0"), C(null_takes_no_part, "1"),
      C(sending_on_what_gets_closed, "1; panic: send on closed channel"), C(no_cases, DEADLOCK))
