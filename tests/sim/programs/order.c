/* order: elements of a channel arrive in the order in which they were sent, whatever its buffer; nothing is lost or
 * doubled, also when several select on both ends and somebody closes. */
#include "seeded.h"

enum { SENDERS = 3, EACH = 12 };

static gr_chan *c, *d;
static gr_waitgroup senders;

/* value = sender * 1000 + number */
static void sender(void *arg) {
    int from = (int)(intptr_t)arg * 1000;
    for (int i = 0; i < EACH; i++)
        gr_chan_send(c, &(int){from + i});
    gr_waitgroup_done(&senders);
}

static void closer(void *arg) {
    (void)arg;
    gr_waitgroup_wait(&senders);
    gr_chan_close(c);
}

static void each_senders_order(size_t cap) {
    c = chan_of_int(cap);
    gr_waitgroup_add(&senders, SENDERS);
    for (int i = 0; i < SENDERS; i++)
        gr_go(sender, (void *)(intptr_t)i);
    gr_go(closer, NULL);
    int next[SENDERS] = {0}, v;
    while (gr_chan_recv(c, &v)) {
        REQUIRE(v % 1000 == next[v / 1000]);
        next[v / 1000]++;
    }
    for (int i = 0; i < SENDERS; i++)
        REQUIRE(next[i] == EACH);
}

/* Sends on c or d, whichever goes. */
static void select_sender(void *arg) {
    int from = (int)(intptr_t)arg * 1000;
    for (int i = 0; i < EACH; i++) {
        int v = from + i;
        gr_select((gr_case[]){{.op = GR_SEND, .chan = c, .val = &v}, {.op = GR_SEND, .chan = d, .val = &v}}, 2, false);
    }
    gr_waitgroup_done(&senders);
}

static void close_both(void *arg) {
    closer(arg);
    gr_chan_close(d);
}

static int received, seen[SENDERS * 1000];
static gr_waitgroup receivers;

static void select_receiver(void *arg) {
    (void)arg;
    int v;
    gr_case k[] = {{.op = GR_RECV, .chan = c, .val = &v}, {.op = GR_RECV, .chan = d, .val = &v}};
    while (k[0].chan || k[1].chan) {
        int i = gr_select(k, 2, false);
        if (!k[i].ok) {
            k[i].chan = NULL;
            continue;
        }
        REQUIRE(seen[v]++ == 0);
        received++;
    }
    gr_waitgroup_done(&receivers);
}

static void nothing_lost_by_selects(size_t cap) {
    c = chan_of_int(cap);
    d = chan_of_int(0);
    received = 0;
    for (int i = 0; i < SENDERS * 1000; i++)
        seen[i] = 0;
    gr_waitgroup_add(&senders, SENDERS);
    gr_waitgroup_add(&receivers, 2);
    for (int i = 0; i < SENDERS; i++)
        gr_go(select_sender, (void *)(intptr_t)i);
    for (int i = 0; i < 2; i++)
        gr_go(select_receiver, NULL);
    gr_go(close_both, NULL);
    gr_waitgroup_wait(&receivers);
    REQUIRE(received == SENDERS * EACH);
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    for (size_t cap = 0; cap < 3; cap++) {
        each_senders_order(cap);
        nothing_lost_by_selects(cap);
    }
    return 0;
}
