/* chan: nanoseconds for one element of 8 bytes: sent and received by one goroutine, streamed through a buffer of 128, streamed
 * without a buffer, and taken from a closed channel. Tracing off.
 *
 * usage: chan [N]     N elements of each kind, 4,000,000 unless given; prints one line of JSON
 */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>

static long n;

static double by_one(void) {
    gr_chan *c = gr_chan_make(sizeof(int64_t), 1);
    int64_t began = gr_now(), v;
    for (int64_t i = 0; i < n; i++) {
        gr_chan_send(c, &i);
        gr_chan_recv(c, &v);
    }
    double took = (double)(gr_now() - began);
    gr_chan_free(c);
    return took / (double)n;
}

static void send_all(void *arg) {
    for (int64_t i = 0; i < n; i++)
        gr_chan_send(arg, &i);
    gr_chan_close(arg);
}

static double stream(size_t cap) {
    gr_chan *c = gr_chan_make(sizeof(int64_t), cap);
    int64_t began = gr_now(), v, sum = 0;
    gr_go(send_all, c);
    while (gr_chan_recv(c, &v))
        sum += v;
    double took = (double)(gr_now() - began);
    if (sum != (int64_t)n * (n - 1) / 2)
        gr_panic("chan: elements lost");
    gr_yield(); /* the sender is out of gr_chan_close */
    gr_chan_free(c);
    return took / (double)n;
}

static double from_closed(void) {
    gr_chan *c = gr_chan_make(sizeof(int64_t), 0);
    gr_chan_close(c);
    int64_t began = gr_now(), v;
    for (long i = 0; i < n; i++)
        gr_chan_recv(c, &v);
    double took = (double)(gr_now() - began);
    gr_chan_free(c);
    return took / (double)n;
}

static void run(long count, double ns[4]) {
    n = count;
    ns[0] = by_one();
    ns[1] = stream(128);
    ns[2] = stream(0);
    ns[3] = from_closed();
}

int gr_main(int argc, char **argv) {
    long asked = argc > 1 ? atol(argv[1]) : 4000000;
    double ns[4];
    run(asked / 20, ns); /* warm: the engine compiles what is hot in a second tier */
    run(asked, ns);
    printf("{\"bench\":\"chan\",\"procs\":%d,\"n\":%ld,\"ns_per_op\":%.1f,\"one_ns\":%.1f,\"buffered_ns\":%.1f,"
           "\"unbuffered_ns\":%.1f,\"closed_ns\":%.1f}\n",
           gr_gomaxprocs(0), n, ns[1], ns[0], ns[1], ns[2], ns[3]);
    return 0;
}
