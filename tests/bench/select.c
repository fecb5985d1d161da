/* select: nanoseconds for a select over four channels: one of them ready (with the send that makes it so), none ready and a
 * default, and blocking until a partner sends. Tracing off.
 *
 * usage: select [N]     N selects of each kind, 1,000,000 unless given; prints one line of JSON
 */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>

#define CASES 4

static long n;
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

static double one_ready(void) {
    make(1);
    int64_t began = gr_now();
    for (int64_t i = 0; i < n; i++) {
        gr_chan_send(c[i % CASES], &i);
        if (choose(false) != (int)(i % CASES))
            gr_panic("select: not the ready case");
    }
    double took = (double)(gr_now() - began);
    drop();
    return took / (double)n;
}

static double with_default(void) {
    make(1);
    int64_t began = gr_now();
    for (long i = 0; i < n; i++)
        if (choose(true) != -1)
            gr_panic("select: nothing was ready");
    double took = (double)(gr_now() - began);
    drop();
    return took / (double)n;
}

static void partner(void *arg) {
    for (int64_t i = 0; i < n; i++)
        gr_chan_send(c[i % CASES], &i);
    gr_waitgroup_done(arg);
}

static double blocking(void) {
    gr_waitgroup group = {0};
    gr_waitgroup_add(&group, 1);
    make(0);
    int64_t began = gr_now();
    gr_go(partner, &group);
    for (long i = 0; i < n; i++)
        choose(false);
    gr_waitgroup_wait(&group);
    double took = (double)(gr_now() - began);
    drop();
    return took / (double)n;
}

static void run(long count, double ns[3]) {
    n = count;
    ns[0] = one_ready();
    ns[1] = with_default();
    ns[2] = blocking();
}

int gr_main(int argc, char **argv) {
    long asked = argc > 1 ? atol(argv[1]) : 1000000;
    double ns[3];
    run(asked / 20, ns); /* warm: the engine compiles what is hot in a second tier */
    run(asked, ns);
    printf("{\"bench\":\"select\",\"procs\":%d,\"n\":%ld,\"ns_per_op\":%.1f,\"ready_ns\":%.1f,\"default_ns\":%.1f,"
           "\"blocking_ns\":%.1f}\n",
           gr_gomaxprocs(0), n, ns[0], ns[0], ns[1], ns[2]);
    return 0;
}
