/* pingpong: nanoseconds for a round trip between two goroutines over two unbuffered channels.
 *
 * usage: pingpong [N]     N round trips, 1,000,000 unless given; prints one line of JSON
 */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Pair {
    gr_chan *ping, *pong; /* of int */
} Pair;

/* Sends back what it gets. */
static void echo(void *arg) {
    Pair *p = arg;
    for (int v; gr_chan_recv(p->ping, &v);)
        gr_chan_send(p->pong, &v);
    gr_chan_close(p->pong);
}

/* Makes n round trips; false if something else came back. */
static bool run(long n) {
    Pair p = {gr_chan_make(sizeof(int), 0), gr_chan_make(sizeof(int), 0)};
    gr_go(echo, &p);
    bool good = true;
    for (long i = 0; i < n; i++) {
        int v = (int)i, back;
        gr_chan_send(p.ping, &v);
        gr_chan_recv(p.pong, &back);
        good = good && back == v;
    }
    gr_chan_close(p.ping);
    gr_chan_recv(p.pong, NULL); /* closed: echo has ended and needs p no more */
    return good;
}

int gr_main(int argc, char **argv) {
    long n = argc > 1 ? atol(argv[1]) : 1000000;
    bool good = run(n / 20); /* warm */
    int64_t began = gr_now();
    good = run(n) && good;
    int64_t took = gr_now() - began;
    printf("{\"bench\":\"pingpong\",\"procs\":%d,\"n\":%ld,\"ns_per_op\":%.1f}\n", gr_gomaxprocs(0), n,
           (double)took / (double)n);
    return good ? 0 : 1;
}
