/* parked: what a goroutine costs that waits: nanoseconds to start it until it has parked, and to wake it until it
 * has ended.
 *
 * usage: parked [N]     N goroutines, 100,000 unless given; prints one line of JSON
 * All wait on one channel, which is then closed. The memory of the process is what tests/bench/parked.mjs looks at.
 */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Crowd {
    gr_chan *gate;
    gr_waitgroup arrived, gone;
} Crowd;

static void wait_at_the_gate(void *arg) {
    Crowd *c = arg;
    gr_waitgroup_done(&c->arrived);
    gr_chan_recv(c->gate, NULL);
    gr_waitgroup_done(&c->gone);
}

/* Bytes of the program's own memory, which never shrinks; 0: not in wasm. */
static double memory(void) {
#ifdef __wasm__
    return (double)__builtin_wasm_memory_size(0) * 65536;
#else
    return 0;
#endif
}

int gr_main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 100000;
    Crowd c = {.gate = gr_chan_make(0, 0)};
    gr_waitgroup_add(&c.arrived, n);
    gr_waitgroup_add(&c.gone, n);
    int64_t began = gr_now();
    for (int i = 0; i < n; i++)
        gr_go(wait_at_the_gate, &c);
    gr_waitgroup_wait(&c.arrived);
    int64_t parked = gr_now();
    gr_chan_close(c.gate);
    gr_waitgroup_wait(&c.gone);
    int64_t ended = gr_now();
    printf("{\"bench\":\"parked\",\"procs\":%d,\"n\":%d,\"spawn_ns\":%.1f,\"wake_ns\":%.1f,\"memory\":%.0f}\n",
           gr_gomaxprocs(0), n, (double)(parked - began) / n, (double)(ended - parked) / n, memory());
    return 0;
}
