/* select: nanoseconds for a select over four channels: one of them ready (with the send that makes it so), none
 * ready and a default, and blocking until a partner sends (with the send that asks the partner to).
 *
 * usage: select [N]     N selects of each kind, 1,000,000 unless given; prints one line of JSON
 */
#include "measure.h"

#define CASES 4

static gr_chan *c[CASES];
static int64_t v;

static void make(size_t cap) {
    for (int i = 0; i < CASES; i++)
        c[i] = gr_chan_make(sizeof v, cap);
}

static void drop(void) {
    for (int i = 0; i < CASES; i++)
        gr_chan_free(c[i]);
}

static int choose(bool has_default) {
    gr_case cases[CASES] = {
        {GR_RECV, c[0], &v, false}, {GR_RECV, c[1], &v, false}, {GR_RECV, c[2], &v, false}, {GR_RECV, c[3], &v, false}};
    return gr_select(cases, CASES, has_default);
}

static void one_ready(long n) {
    make(1);
    for (int64_t i = 0; i < n; i++) {
        gr_chan_send(c[i % CASES], &i);
        check(choose(false) == (int)(i % CASES) && v == i, "select: not the ready case");
    }
    drop();
}

static void with_default(long n) {
    make(0);
    for (long i = 0; i < n; i++)
        check(choose(true) == -1, "select: nothing was ready");
    drop();
}

typedef struct Partner {
    gr_chan *ask; /* of int64_t: what to send, on the channel of its remainder */
    gr_waitgroup gone;
} Partner;

static void partner(void *arg) {
    Partner *p = arg;
    for (int64_t i; gr_chan_recv(p->ask, &i);)
        gr_chan_send(c[i % CASES], &i);
    gr_waitgroup_done(&p->gone);
}

static void blocking(long n) {
    Partner p = {.ask = gr_chan_make(sizeof(int64_t), 0)};
    gr_waitgroup_add(&p.gone, 1);
    make(0);
    gr_go(partner, &p);
    for (int64_t i = 0; i < n; i++) {
        gr_chan_send(p.ask, &i);
        check(choose(false) == (int)(i % CASES) && v == i, "select: not what the partner sent");
    }
    gr_chan_close(p.ask);
    gr_waitgroup_wait(&p.gone);
    gr_chan_free(p.ask);
    drop();
}

int gr_main(int argc, char **argv) {
    long n = count_asked(argc, argv, 1000000);
    say_begin("select", n);
    say("ready_ns", measure(one_ready, n));
    say("default_ns", measure(with_default, n));
    say("blocking_ns", measure(blocking, n));
    say_end();
    return 0;
}
