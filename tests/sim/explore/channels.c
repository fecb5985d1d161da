/* channels: sending, receiving, closing, with and without a buffer. */
#include "explore.h"

static gr_chan *c, *d;

static void send_1(void) { send_int(c, 1); }
static void send_2(void) { send_int(c, 2); }
static void send_1_2(void) {
    send_int(c, 1);
    send_int(c, 2);
}
static void send_3(void) { send_int(c, 3); }
static void send_1_2_3(void) {
    send_1_2();
    send_3();
}
static void close_c(void) { gr_chan_close(c); }
static void recv_noting(void) { note_int(recv_int(c)); }
static void recv_twice_noting(void) {
    recv_noting();
    recv_noting();
}
static void recv_3_noting(void) {
    recv_twice_noting();
    recv_noting();
}

static void two_senders(void) {
    c = chan_of_int(0);
    together(NULL, send_1, send_2, recv_twice_noting);
}

static void one_senders_order(void) {
    c = chan_of_int(0);
    together(NULL, send_1_2, send_3, recv_3_noting);
}

static void buffer_keeps_order(void) {
    c = chan_of_int(1);
    together(NULL, send_1_2, recv_twice_noting);
}

static void full_buffer_with_a_second_sender(void) {
    c = chan_of_int(1);
    together(NULL, send_1_2, send_3, recv_3_noting);
}

static void ring_of_two(void) {
    c = chan_of_int(2);
    together(NULL, send_1_2_3, recv_3_noting);
}

static int got[2];
static void note_got(void) {
    note_int(got[0]);
    note_int(got[1]);
}
static void recv_a(void) { got[0] = recv_int(c); }
static void recv_b(void) { got[1] = recv_int(c); }

static void send_1_to_4(void) {
    for (int i = 1; i <= 4; i++)
        send_int(c, i);
}
static void recv_4_noting(void) {
    for (int i = 0; i < 4; i++)
        note_int(recv_int(c));
}

/* The third and the fourth may have to wait. */
static void ring_of_two_and_more(void) {
    c = chan_of_int(2);
    together(NULL, send_1_to_4, recv_4_noting);
}

static void two_receivers(void) {
    c = chan_of_int(0);
    together(note_got, recv_a, recv_b, send_1_2);
}

static void close_wakes_receivers(void) {
    c = chan_of_int(0);
    together(note_got, recv_a, recv_b, close_c);
}

static void close_beside_a_sender(void) {
    c = chan_of_int(0);
    together(NULL, send_1, close_c, recv_noting);
}

static void close_beside_a_sender_into_a_buffer(void) {
    c = chan_of_int(1);
    together(recv_twice_noting, send_1, close_c);
}

static void close_twice(void) {
    c = chan_of_int(0);
    together(NULL, close_c, close_c);
}

static void send_1_then_close(void) {
    send_1();
    close_c();
}

static void what_was_sent_before_close_arrives(void) {
    c = chan_of_int(1);
    together(NULL, send_1_then_close, recv_twice_noting);
}

static void send_c_recv_d(void) {
    send_int(c, 1);
    note_int(recv_int(d));
}
static void send_d_recv_c(void) {
    send_int(d, 2);
    note_int(recv_int(c));
}

static void crossing_without_a_buffer(void) {
    c = chan_of_int(0);
    d = chan_of_int(0);
    together(NULL, send_c_recv_d, send_d_recv_c);
}

static void crossing_with_a_buffer(void) {
    c = chan_of_int(1);
    d = chan_of_int(1);
    together(NULL, send_c_recv_d, send_d_recv_c);
}

static void nobody_comes(void) {
    c = NULL;
    together(NULL, send_1, recv_noting);
}

static void after_a_while(void) {
    gr_sleep(GR_MILLISECOND);
    send_int(c, 3);
}
static void sleeping_sender_may_come_any_time(void) {
    c = chan_of_int(0);
    together(NULL, send_1, after_a_while, recv_twice_noting);
}

CASES(C(two_senders, "12; 21"), C(one_senders_order, "123; 132; 312"), C(buffer_keeps_order, "12"),
      C(full_buffer_with_a_second_sender, "123; 132; 312"), C(ring_of_two, "123"), C(ring_of_two_and_more, "1234"),
      C(two_receivers, "12; 21"), C(close_wakes_receivers, "-1-1"),
      C(close_beside_a_sender, "1; panic: send on closed channel"),
      C(close_beside_a_sender_into_a_buffer, "1-1; panic: send on closed channel"),
      C(close_twice, "panic: close of closed channel"), C(what_was_sent_before_close_arrives, "1-1"),
      C(crossing_without_a_buffer, DEADLOCK), C(crossing_with_a_buffer, "12; 21"), C(nobody_comes, DEADLOCK),
      C(sleeping_sender_may_come_any_time, "13; 31"))
