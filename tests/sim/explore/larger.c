/* larger: three goroutines and more operations each: tens of thousands of schedules a case. The default run takes
 * those with at most two preemptions, `npm run explore` all. */
#include "explore.h"

static gr_chan *c;
static gr_mutex m;
static gr_rwmutex rw;
static gr_cond cond;
static gr_waitgroup wg;
static gr_timer *t;
static int count, here;
static bool torn;

static void send_1_2(void) {
    send_int(c, 1);
    send_int(c, 2);
}
static void send_3_4(void) {
    send_int(c, 3);
    send_int(c, 4);
}
static void recv_4_noting(void) {
    for (int i = 0; i < 4; i++)
        note_int(recv_int(c));
}

static void two_senders_twice(void) {
    c = chan_of_int(0);
    together(NULL, send_1_2, send_3_4, recv_4_noting);
}

static void two_senders_twice_into_a_buffer(void) {
    c = chan_of_int(1);
    together(NULL, send_1_2, send_3_4, recv_4_noting);
}

static void recv_2(void) {
    count += recv_int(c);
    count += recv_int(c);
}
static void note_count(void) { note_int(count); }

static void two_senders_two_receivers(void) {
    c = chan_of_int(0);
    together(note_count, send_1_2, send_3_4, recv_2, recv_2);
}

static void send_1(void) { send_int(c, 1); }
static void close_c(void) { gr_chan_close(c); }
static void recv_noting(void) { note_int(recv_int(c)); }

static void close_beside_all(void) {
    c = chan_of_int(1);
    together(NULL, send_1, recv_noting, recv_noting, close_c);
}

static void add_twice(void) {
    for (int i = 0; i < 2; i++) {
        gr_mutex_lock(&m);
        int was = count;
        gr_yield();
        count = was + 1;
        gr_mutex_unlock(&m);
    }
}
static void try_to_add(void) {
    if (!gr_mutex_trylock(&m)) {
        note("-");
        return;
    }
    count++;
    gr_mutex_unlock(&m);
}

static void exclusion_of_three(void) { together(note_count, add_twice, add_twice, try_to_add); }

static void look(void) {
    gr_rwmutex_rlock(&rw);
    int was = count;
    here++;
    gr_yield();
    here--;
    torn |= count != was;
    gr_rwmutex_runlock(&rw);
}
static void change(void) {
    gr_rwmutex_lock(&rw);
    torn |= here != 0;
    count++;
    gr_yield();
    count++;
    gr_rwmutex_unlock(&rw);
}
static void note_torn(void) { note(torn ? "torn" : "whole"); }

static void readers_and_a_writer(void) { together(note_torn, look, look, change); }
static void writers_and_a_reader(void) { together(note_torn, change, look, change); }

static void put_two(void) {
    for (int i = 0; i < 2; i++) {
        gr_mutex_lock(&m);
        count++;
        gr_mutex_unlock(&m);
        gr_cond_signal(&cond);
    }
}
static void take_one(void) {
    gr_mutex_lock(&m);
    while (count == 0)
        gr_cond_wait(&cond, &m);
    count--;
    gr_mutex_unlock(&m);
}

static void one_puts_two_take(void) { together(note_count, put_two, take_one, take_one); }

static void work(void) {
    count++;
    gr_waitgroup_done(&wg);
}
static void wait_for_all(void) {
    gr_waitgroup_wait(&wg);
    note_int(count);
}

static void two_wait_for_two(void) {
    gr_waitgroup_add(&wg, 2);
    together(NULL, work, work, wait_for_all, wait_for_all);
}

static void stop(void) { count += gr_timer_stop(t); }
static void tick_or_closed(void) {
    int i = gr_select((gr_case[]){{.op = GR_RECV, .chan = gr_timer_chan(t)}, {.op = GR_RECV, .chan = c}}, 2, false);
    count += i == 0;
}
static void stop_then_close(void) {
    stop();
    close_c();
}

/* One of the two stops it, or it ticks. */
static void two_stop_one_timer(void) {
    t = gr_timer_make(GR_MILLISECOND);
    c = chan_of_int(0);
    together(note_count, tick_or_closed, stop_then_close, stop);
}

#define INTERLEAVED "1234; 1324; 1342; 3124; 3142; 3412"

CASES(C(two_senders_twice, INTERLEAVED), C(two_senders_twice_into_a_buffer, INTERLEAVED),
      C(two_senders_two_receivers, "10"), C(close_beside_all, "-11; 1-1; panic: send on closed channel"),
      C(exclusion_of_three, "5; -4"), C(readers_and_a_writer, "whole"), C(writers_and_a_reader, "whole"),
      C(one_puts_two_take, "0"), C(two_wait_for_two, "22"), C(two_stop_one_timer, "1"))
