/* choices: a select among ready cases takes each about as often; closing beside senders, receivers and selects
 * gives each of them one of the outcomes that Go allows. */
#include "seeded.h"

enum { ROUNDS = 300 };

static void fair(void) {
    gr_chan *c[3];
    gr_case k[3];
    int count[3] = {0}, v = 0;
    for (int i = 0; i < 3; i++) {
        c[i] = chan_of_int(1);
        k[i] = (gr_case){.op = GR_RECV, .chan = c[i], .val = &v};
        gr_chan_send(c[i], &v);
    }
    for (int i = 0; i < ROUNDS; i++) {
        int at = gr_select(k, 3, false);
        count[at]++;
        gr_chan_send(c[at], &v);
    }
    for (int i = 0; i < 3; i++) /* 100 expected, standard deviation 8: 6 of them in 10^9 runs once */
        REQUIRE(count[i] > 50 && count[i] < 150);
}

static gr_chan *c, *quit;
static int got, closed, sent;
static gr_waitgroup all;

static void receiver(void *arg) {
    (void)arg;
    int v = 7;
    while (gr_chan_recv(c, &v))
        got++;
    REQUIRE(v == 0);
    closed++;
    gr_waitgroup_done(&all);
}

static void select_receiver(void *arg) {
    (void)arg;
    int v = 7;
    gr_case k[] = {{.op = GR_RECV, .chan = c, .val = &v}, {.op = GR_RECV, .chan = NULL}};
    while (gr_select(k, 2, false) == 0 && k[0].ok)
        got++;
    REQUIRE(v == 0);
    closed++;
    gr_waitgroup_done(&all);
}

static void sender(void *arg) {
    (void)arg;
    for (;;) {
        int i = gr_select((gr_case[]){{.op = GR_SEND, .chan = c, .val = &(int){1}}, {.op = GR_RECV, .chan = quit}}, 2,
                          false);
        if (i == 1)
            break;
        sent++;
    }
    gr_waitgroup_done(&all);
}

static gr_waitgroup senders;
static void sender_in_group(void *arg) {
    gr_waitgroup_add(&all, 1);
    sender(arg);
    gr_waitgroup_done(&senders);
}

static void closing(size_t cap) {
    c = chan_of_int(cap);
    quit = chan_of_int(0);
    got = closed = sent = 0;
    gr_waitgroup_add(&all, 4);
    gr_waitgroup_add(&senders, 2);
    for (int i = 0; i < 2; i++) {
        gr_go(receiver, NULL);
        gr_go(select_receiver, NULL);
        gr_go(sender_in_group, NULL);
    }
    for (int i = 0; i < 20; i++)
        gr_yield();
    gr_chan_close(quit);
    gr_waitgroup_wait(&senders);
    gr_chan_close(c);
    gr_waitgroup_wait(&all);
    REQUIRE(closed == 4 && got == sent);
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    fair();
    closing(0);
    closing(2);
    return 0;
}
