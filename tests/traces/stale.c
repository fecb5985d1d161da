/* stale.c: a trace ends while the time of the next CPU sample is yet to come in the same slice; a second one begins
 * after that time, and is as short as the first: neither has a sample. */
#include <goroscope.h>
#include <stdio.h>

static const gr_trace_options whole = {.ring_bytes = 1 << 20};

/* Operations, and nobody else to run, until then. */
static void work_until(int64_t ns) {
    gr_mutex m = {0};
    while (gr_now() < ns) {
        gr_mutex_lock(&m);
        gr_mutex_unlock(&m);
    }
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    int64_t began = gr_now();
    for (int i = 0; i < 2; i++) {
        const char *why = gr_trace_start(&whole);
        if (why) {
            puts(why);
            return 1;
        }
        gr_yield(); /* in the first a slice begins, in the second a sample would be given */
        gr_trace_stop();
        if (i == 0)
            work_until(began + 8 * GR_MILLISECOND);
    }
    return 0;
}
