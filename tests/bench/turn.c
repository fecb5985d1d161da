/* turn: how long anybody is held up by the trace's generations when there are many goroutines: N wait at a channel, one
 * yields all the time and looks how long the longest yield took; then how long the world is stopped where a trace
 * begins and ends.
 *
 * usage: turn [N [MS]]     100,000 goroutines and 3,000 ms unless given; prints one line of JSON
 */
#include "measure.h"

static gr_chan *quiet;

static void waits(void *arg) {
    (void)arg;
    gr_chan_recv(quiet, NULL);
}

/* The longest of all yields in so many ns, and how many took longer than 1 ms. */
static int64_t longest_yield(int64_t ns, long *over) {
    int64_t longest = 0, now = gr_now();
    for (int64_t end = now + ns; now < end;) {
        gr_yield();
        int64_t then = now;
        now = gr_now();
        if (now - then > longest)
            longest = now - then;
        *over += now - then > GR_MILLISECOND;
    }
    return longest;
}

static int64_t stopped_by(const char *(*fn)(void)) {
    int64_t before = gr_read_sched_stats().stopped_ns;
    const char *why = fn();
    check(!why, why);
    return gr_read_sched_stats().stopped_ns - before;
}
static const char *start(void) { return gr_trace_start(NULL); }
static const char *stop(void) { return gr_trace_stop(); }

int gr_main(int argc, char **argv) {
    long n = argc > 1 ? strtol(argv[1], NULL, 10) : 100000, ms = argc > 2 ? strtol(argv[2], NULL, 10) : 3000;
    quiet = gr_chan_make(0, 0);
    for (long i = 0; i < n; i++)
        gr_go(waits, NULL);
    while (gr_numgoroutine() <= n)
        gr_yield();
    gr_sleep(200 * GR_MILLISECOND);
    long over = 0;
    int64_t longest = longest_yield(ms * GR_MILLISECOND, &over);
    say_begin("turn", n);
    say("longest_yield_us", (double)longest / 1e3);
    say("yields_over_1ms", (double)over);
    if (gr_trace_enabled())
        stop();
    int64_t began = 0, ended = 0;
    for (int i = 0; i < 10; i++) {
        int64_t b = stopped_by(start);
        gr_sleep(20 * GR_MILLISECOND);
        int64_t e = stopped_by(stop);
        began = b > began ? b : began;
        ended = e > ended ? e : ended;
    }
    say("start_stops_us", (double)began / 1e3);
    say("stop_stops_us", (double)ended / 1e3);
    say_end();
    return 0;
}
