/* pingpong: nanoseconds for a round trip between two goroutines over two unbuffered channels.
 *
 * usage: pingpong [N]     N round trips, 1,000,000 unless given; prints one line of JSON
 */
#include "measure.h"

typedef struct Pair {
    gr_chan *ping, *pong; /* of int64_t */
} Pair;

/* Sends back what it gets. */
static void echo(void *arg) {
    Pair *p = arg;
    for (int64_t v; gr_chan_recv(p->ping, &v);)
        gr_chan_send(p->pong, &v);
    gr_chan_close(p->pong);
}

static void trips(long n) {
    Pair p = {gr_chan_make(sizeof(int64_t), 0), gr_chan_make(sizeof(int64_t), 0)};
    gr_go(echo, &p);
    for (int64_t i = 0, back; i < n; i++) {
        gr_chan_send(p.ping, &i);
        gr_chan_recv(p.pong, &back);
        check(back == i, "something else came back");
    }
    gr_chan_close(p.ping);
    gr_chan_recv(p.pong, NULL); /* closed: echo needs p no more */
}

int gr_main(int argc, char **argv) {
    long n = count_asked(argc, argv, 1000000);
    say_begin("pingpong", n);
    say("trip_ns", measure(trips, n));
    say_end();
    return 0;
}
